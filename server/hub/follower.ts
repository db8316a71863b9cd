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

interface FollowerOptions {
  /** Called when too few of the runs that were read for it may be seen; from then on, more are read (see `deepen`). */
  onShort: (follower: Follower) => void
  onFailure: (error: unknown) => void
}

/** How many of the newest runs are looked through for those that may be seen: as many as for a search. */
const DEEPEST = 1_000

const NOTHING: Listed = { runs: [], ids: new Set() }
const NONE: ReadonlyMap<string, View> = new Map()

/** One watcher's view of one live list: the newest runs of the list that it may see. */
export class Follower {
  readonly #rows: Rows
  readonly #limit: number
  readonly #onShort: FollowerOptions['onShort']
  #filter: Filter
  /** The list as it was last shown, and as it is to be shown. */
  #shown = NOTHING
  #wanted = NOTHING
  /** Those of its runs that may be seen, where that depends on the run: of a thousand they may be few. */
  #seen: ReadonlyMap<string, View> = NONE
  /** The runs that it is shown. */
  #held = NOTHING
  readonly #view: View | null
  readonly #lane: Lane | null
  #settled = false

  constructor({ filter, view }: ListInterest, rows: Rows, { onShort, onFailure }: FollowerOptions) {
    this.#filter = filter
    this.#limit = filter.limit
    this.#rows = rows
    this.#onShort = onShort
    // A lane of its own: a slow `authorize` of the application keeps no other watcher waiting.
    this.#lane = typeof view === 'function' ? createLane(() => this.#ask(view), onFailure) : null
    this.#view = typeof view === 'function' ? null : view
  }

  /** What is to be read for it. */
  get filter(): Filter {
    return this.#filter
  }

  deepen(): void {
    this.#filter = { ...this.#filter, limit: Math.min(DEEPEST, 2 * this.#filter.limit) }
  }

  /** Called with the same list again if it may hold runs whose view could not be found out. */
  show(listed: Listed): void {
    if (listed === this.#shown) return
    this.#wanted = listed
    if (this.#lane) this.#lane.wake()
    else this.#showAll(listed)
  }

  stop(): void {
    this.#lane?.stop()
  }

  /** The watcher sees the same of every run. */
  #showAll(listed: Listed): void {
    if (this.#rows.watcher.closed) return
    this.#shown = listed
    this.#hold(listed, () => this.#view)
    this.#settle()
  }

  async #ask(viewsOf: (runs: string[]) => Promise<Views>): Promise<void> {
    const listed = this.#wanted
    const entered = listed.runs.filter((run) => !this.#shown.ids.has(run))
    const views: Views = entered.length > 0 ? await viewsOf(entered) : new Map()
    if (this.#rows.watcher.closed) return
    const seen = new Map([...this.#seen].filter(([run]) => listed.ids.has(run)))
    for (const [run, view] of views) if (view) seen.set(run, view)
    this.#seen = seen
    this.#shown = knownOf(listed, views)
    // Newest first, as the list: their ids begin with the time.
    const runs = [...seen.keys()].sort().reverse().slice(0, this.#limit)
    this.#hold({ runs, ids: new Set(runs) }, (run) => seen.get(run))
    const { limit } = this.#filter
    if (runs.length < this.#limit && listed.runs.length >= limit && limit < DEEPEST) this.#onShort(this)
    else this.#settle()
  }

  #hold(listed: Listed, viewOf: (run: string) => View | null | undefined): void {
    const before = this.#held
    this.#held = listed
    for (const run of before.runs) if (!listed.ids.has(run)) this.#rows.release(run)
    for (const run of listed.runs) if (!before.ids.has(run)) this.#enter(run, viewOf(run))
  }

  #enter(run: string, view: View | null | undefined): void {
    if (view) this.#rows.hold(run, view)
  }

  #settle(): void {
    if (!this.#settled) this.#rows.watcher.settled()
    this.#settled = true
  }
}

/** The part of the list whose views could be found out; the same object if that is all of it. */
function knownOf(listed: Listed, views: Views): Listed {
  const unknown = new Set([...views].flatMap(([run, view]) => (view === undefined ? run : [])))
  if (unknown.size === 0) return listed
  const runs = listed.runs.filter((run) => !unknown.has(run))
  return { runs, ids: new Set(runs) }
}
