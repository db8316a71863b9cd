import type { Filter } from '../db/changes.ts'
import { createLane, type Lane } from './lane.ts'
import type { Rows } from './rows.ts'

/** A live list that a watcher wants to see. */
export interface ListInterest {
  filter: Filter
  /** Which of some runs this watcher may see; null: all of its tenant's. */
  admits: ((runs: string[]) => Promise<string[]>) | null
}

/** One watcher's view of one live list: the runs of the list that it may see. */
export class Follower {
  readonly filter: Filter
  readonly #rows: Rows
  /** Of the list as it was shown last: whether the watcher may see the run. */
  #shown = new Map<string, boolean>()
  #wanted: readonly string[] = []
  readonly #lane: Lane | null
  #settled = false

  constructor({ filter, admits }: ListInterest, rows: Rows, onFailure: (error: unknown) => void) {
    this.filter = filter
    this.#rows = rows
    // A lane of its own: a rule of the application's that is slow to answer keeps no other watcher waiting.
    this.#lane = admits && createLane(() => this.#ask(admits), onFailure)
  }

  /** The list as it is now, newest first. */
  show(runs: readonly string[]): void {
    this.#wanted = runs
    if (this.#lane) this.#lane.wake()
    else this.#apply(runs, () => true)
  }

  stop(): void {
    this.#lane?.stop()
  }

  async #ask(admits: NonNullable<ListInterest['admits']>): Promise<void> {
    const runs = this.#wanted
    const unknown = runs.filter((run) => !this.#shown.has(run))
    const admitted = new Set(unknown.length > 0 ? await admits(unknown) : [])
    this.#apply(runs, (run) => admitted.has(run))
  }

  #apply(runs: readonly string[], isAdmitted: (run: string) => boolean): void {
    if (this.#rows.watcher.closed) return
    const before = this.#shown
    this.#shown = new Map(runs.map((run) => [run, before.get(run) ?? isAdmitted(run)]))
    for (const [run, visible] of before) if (visible && !this.#shown.has(run)) this.#rows.release(run)
    for (const [run, visible] of this.#shown) if (visible && !before.has(run)) this.#rows.hold(run)
    if (!this.#settled) this.#rows.watcher.settled()
    this.#settled = true
  }
}
