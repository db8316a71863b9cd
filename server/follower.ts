import type { Filter } from '../db/changes.ts'
import { createLane, type Lane } from './lane.ts'
import type { Rows } from './rows.ts'

/** A live list that a watcher wants to see. */
export interface ListInterest {
  filter: Filter
  /** Which of some runs this watcher may see; null: all of its tenant's. */
  admits: ((runs: string[]) => Promise<string[]>) | null
}

/** What a list holds, newest first: one object for all who follow it. */
export interface Listed {
  runs: readonly string[]
  ids: ReadonlySet<string>
}

const NOTHING: Listed = { runs: [], ids: new Set() }

/** One watcher's view of one live list: the runs of the list that it may see. */
export class Follower {
  readonly filter: Filter
  readonly #rows: Rows
  /** The list as it was shown last, of which these may not be seen. */
  #shown = NOTHING
  readonly #hidden = new Set<string>()
  #wanted = NOTHING
  readonly #lane: Lane | null
  #settled = false

  constructor({ filter, admits }: ListInterest, rows: Rows, onFailure: (error: unknown) => void) {
    this.filter = filter
    this.#rows = rows
    // A lane of its own: a rule of the application's that is slow to answer keeps no other watcher waiting.
    this.#lane = admits && createLane(() => this.#ask(admits), onFailure)
  }

  show(listed: Listed): void {
    this.#wanted = listed
    if (this.#lane) this.#lane.wake()
    else this.#apply(listed, listed.ids)
  }

  stop(): void {
    this.#lane?.stop()
  }

  async #ask(admits: NonNullable<ListInterest['admits']>): Promise<void> {
    const listed = this.#wanted
    const entered = listed.runs.filter((run) => !this.#shown.ids.has(run))
    this.#apply(listed, new Set(entered.length > 0 ? await admits(entered) : []))
  }

  #apply(listed: Listed, admitted: ReadonlySet<string>): void {
    if (this.#rows.watcher.closed) return
    const before = this.#shown
    this.#shown = listed
    for (const run of before.runs) if (!listed.ids.has(run)) this.#leave(run)
    for (const run of listed.runs) if (!before.ids.has(run)) this.#enter(run, admitted.has(run))
    if (!this.#settled) this.#rows.watcher.settled()
    this.#settled = true
  }

  #enter(run: string, isVisible: boolean): void {
    if (isVisible) this.#rows.hold(run)
    else this.#hidden.add(run)
  }

  #leave(run: string): void {
    if (!this.#hidden.delete(run)) this.#rows.release(run)
  }
}
