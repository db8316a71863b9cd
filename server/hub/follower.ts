import type { Filter } from '../../db/changes.ts'
import type { View } from '../access/access.ts'
import { createLane, type Lane } from './lane.ts'
import type { Rows } from './rows.ts'

/** A live list that a watcher wants to see. */
export interface ListInterest {
  filter: Filter
  /** What this watcher sees of every run of its tenant, or a function that finds it out for some; null: nothing. */
  view: View | null | ((runs: string[]) => Promise<Views>)
}

/** Runs that are missing may not be seen; undefined: this could not be found out, and is tried again. */
export type Views = ReadonlyMap<string, View | null | undefined>

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
  /** The list as it was last shown, and those of its runs that may not be seen. */
  #shown = NOTHING
  readonly #hidden = new Set<string>()
  #wanted = NOTHING
  readonly #view: View | null
  readonly #lane: Lane | null
  #settled = false

  constructor({ filter, view }: ListInterest, rows: Rows, onFailure: (error: unknown) => void) {
    this.filter = filter
    this.#rows = rows
    // A lane of its own: a slow `authorize` of the application keeps no other watcher waiting.
    this.#lane = typeof view === 'function' ? createLane(() => this.#ask(view), onFailure) : null
    this.#view = typeof view === 'function' ? null : view
  }

  /** Called with the same list again if it may hold runs whose view could not be found out. */
  show(listed: Listed): void {
    if (listed === this.#shown) return
    this.#wanted = listed
    if (this.#lane) this.#lane.wake()
    else this.#apply(listed, () => this.#view)
  }

  stop(): void {
    this.#lane?.stop()
  }

  async #ask(viewsOf: (runs: string[]) => Promise<Views>): Promise<void> {
    const listed = this.#wanted
    const entered = listed.runs.filter((run) => !this.#shown.ids.has(run))
    const views: Views = entered.length > 0 ? await viewsOf(entered) : new Map()
    this.#apply(knownOf(listed, views), (run) => views.get(run) ?? null)
  }

  #apply(listed: Listed, viewOf: (run: string) => View | null): void {
    if (this.#rows.watcher.closed) return
    const before = this.#shown
    this.#shown = listed
    for (const run of before.runs) if (!listed.ids.has(run)) this.#leave(run)
    for (const run of listed.runs) if (!before.ids.has(run)) this.#enter(run, viewOf(run))
    if (!this.#settled) this.#rows.watcher.settled()
    this.#settled = true
  }

  #enter(run: string, view: View | null): void {
    if (view) this.#rows.hold(run, view)
    else this.#hidden.add(run)
  }

  #leave(run: string): void {
    if (!this.#hidden.delete(run)) this.#rows.release(run)
  }
}

/** The part of the list whose views could be found out; the same object if that is all of it. */
function knownOf(listed: Listed, views: Views): Listed {
  const runs = listed.runs.filter((run) => !views.has(run) || views.get(run) !== undefined)
  return runs.length === listed.runs.length ? listed : { runs, ids: new Set(runs) }
}
