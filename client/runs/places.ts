import type { ListedRun, RunStatus } from '../../db/contract.ts'

/** A row as it is shown. */
export interface Place {
  run: ListedRun
  /** The group that it stands in. */
  group: RunStatus
  /** It has left the list, but its place is kept as long as the reader looks; null: it has not. */
  gone: 'left' | 'deleted' | null
}

/**
 * Who stands where on the screen. As long as somebody reads or points at the rows none of them moves: each changes in
 * its place, those that left stay, and new ones wait until they are let in.
 */
export class Places {
  #held: readonly Place[] = []
  /** How many runs wait to be let in. */
  waiting = 0

  get all(): readonly Place[] {
    return this.#held
  }

  /** `holds`: nobody may move. `deleted`: why some of those that have left did so. */
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
    // below the last one nothing moves: that is where older runs go
    const below = runs.filter(({ id }) => id < last && !ids.has(id))
    const added = below.map((run) => ({ run, group: run.status, gone: null }))
    this.#held = [...kept, ...added]
    this.waiting = runs.filter(({ id }) => !ids.has(id)).length - below.length
  }

  /** What comes next is shown as it comes. */
  forget(): void {
    this.#held = []
    this.waiting = 0
  }
}
