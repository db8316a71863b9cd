import type { ListedRun, RunStatus } from '../../db/contract.ts'

/** A row as it is shown. */
export interface Place {
  run: ListedRun
  /** The group that it is in. */
  group: RunStatus
  /** It has left the list, but its place is kept as long as the reader is reading; null: it has not left. */
  gone: 'left' | 'deleted' | null
}

/**
 * Which run is where on the screen. While a reader reads the rows or points at them, none of them moves: each changes
 * in place, those that have left stay, and new ones wait until they are let in.
 */
export class Places {
  #held: readonly Place[] = []
  /** How many runs wait to be let in. */
  waiting = 0

  get all(): readonly Place[] {
    return this.#held
  }

  /** `holds`: no row may move. `deleted`: runs that have left because they were deleted. */
  show(runs: readonly ListedRun[], holds: boolean, deleted: readonly ListedRun[] = []): void {
    if (!holds || this.#held.length === 0) {
      this.#held = runs.map((run) => ({ run, group: run.status, gone: null }))
      this.waiting = 0
      return
    }
    const known = new Map(runs.map((run) => [run.id, run]))
    const erased = new Set(deleted.map(({ id }) => id))
    const whyGone = (id: string): Place['gone'] => (known.has(id) ? null : erased.has(id) ? 'deleted' : 'left')
    const kept = this.#held.map(({ run, group }) => ({
      run: known.get(run.id) ?? run,
      group,
      gone: whyGone(run.id),
    }))
    const ids = new Set(kept.map(({ run }) => run.id))
    const last = kept.at(-1)?.run.id ?? ''
    // rows below the last one move nothing: that is where older runs go
    const below = runs.filter(({ id }) => id < last && !ids.has(id))
    const added = below.map((run) => ({ run, group: run.status, gone: null }))
    this.#held = [...kept, ...added]
    this.waiting = runs.filter(({ id }) => !ids.has(id)).length - below.length
  }

  /** Runs that arrive next are shown at once. */
  forget(): void {
    this.#held = []
    this.waiting = 0
  }
}
