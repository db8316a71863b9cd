import type { ListedRun, ListFilter } from '../db/contract.ts'
import { type Listeners, tellAll } from './listeners.ts'
import { loaded } from './loaded.ts'
import type { RowEvent } from './row-events.ts'
import { adopt, fits, type KnownRow, limitOf, NO_ROWS, newestOf, type RowsState, reduceRows, without } from './rows.ts'

/** How many deletions are remembered, the newest ones. */
const MOST_DELETED = 200

export interface ListWatch {
  readonly filter: ListFilter
  readonly listeners: Listeners
  /** Newest first; the same array as long as nothing in it changes. */
  runs: readonly ListedRun[]
  /** Whether the server has answered for it: only then does an empty list mean that there are no runs. */
  heard: boolean
  /** Runs that were deleted while they were in it, the latest deletion last; the same array until the next one. */
  deleted: readonly ListedRun[]
}

/** What one connection delivers. */
export interface RowsArrival {
  apply(event: RowEvent): void
  /** All first rows have arrived: what this connection has not delivered is no longer in any list. */
  ready(): void
}

/** The live lists that a page shows, and their rows: each run once, however many lists show it. */
export class Lists {
  readonly #byName = new Map<string, ListWatch>()
  #rows: RowsState = NO_ROWS

  /** The watch of a list, new if there was none. */
  of(filter: ListFilter): ListWatch {
    const name = nameOfList(filter)
    const known = this.#byName.get(name)
    if (known) return known
    const watch: ListWatch = {
      filter,
      listeners: new Map(),
      runs: newestOf(this.#rows, filter),
      heard: false,
      deleted: [],
    }
    this.#byName.set(name, watch)
    return watch
  }

  names(): string[] {
    return [...this.#byName.keys()]
  }

  filters(isWanted: (watch: ListWatch) => boolean = () => true): ListFilter[] {
    // the limit is always sent: only a workflow and a key would mean the newest run under that key
    return [...this.#byName.values()].filter(isWanted).map(({ filter }) => ({ ...filter, limit: limitOf(filter) }))
  }

  prune(): void {
    for (const [name, { listeners }] of this.#byName) if (listeners.size === 0) this.#byName.delete(name)
    if (this.#byName.size === 0) this.#rows = NO_ROWS
  }

  /** A connection begins: until it is ready, the lists show what was known and what it delivers. */
  begin(): RowsArrival {
    let brought = NO_ROWS
    let isReady = false
    return {
      apply: (event) => {
        if (!isReady) brought = reduceRows(brought, event)
        if (event.type === 'end' && event.data.reason === 'deleted') this.noteDeletion(event.data.run.id)
        this.#show(reduceRows(this.#rows, event))
      },
      ready: () => {
        isReady = true
        this.#show([...brought.values()].reduce((rows, row) => adopt(rows, row), keepOnly(this.#rows, brought)))
      },
    }
  }

  /** Sets a list to what it is now. `oldest`: the id down to which it was read; it says nothing of older runs. */
  replace(filter: ListFilter, runs: readonly ListedRun[], oldest = lastOfFull(filter, runs)): void {
    const ids = new Set(runs.map(({ id }) => id))
    const isGone = ({ run }: KnownRow) => fits(filter, run) && run.id >= oldest && !ids.has(run.id)
    const gone = [...this.#rows.values()].filter(isGone)
    const rest = gone.reduce((rows, { run }) => without(rows, run.id), this.#rows)
    this.#show(runs.reduce((rows, run) => adopt(rows, { run, epoch: null }), rest))
  }

  /** Called before its rows leave; takes effect once, however many connections report it. */
  noteDeletion(id: string): void {
    for (const watch of this.#byName.values()) {
      const run = watch.runs.find((each) => each.id === id)
      if (run) watch.deleted = [...watch.deleted.slice(-MOST_DELETED), run]
    }
  }

  /** The server no longer shows this list beside the rest. Returns its name. */
  refuse(filter: ListFilter): string {
    this.of(filter).heard = false
    return nameOfList(filter)
  }

  hear(names: ReadonlySet<string>): void {
    for (const [name, watch] of this.#byName) if (names.has(name)) watch.heard = true
  }

  notify(): void {
    for (const { listeners } of this.#byName.values()) tellAll(listeners.keys())
  }

  #show(rows: RowsState): void {
    if (rows === this.#rows) return
    this.#rows = rows
    for (const watch of this.#byName.values()) {
      const runs = newestOf(rows, watch.filter)
      if (isSame(runs, watch.runs)) continue
      watch.runs = runs
      tellAll(watch.listeners.keys())
    }
  }
}

/** A full list says nothing of runs that are older than its last row; a list that is not full is complete. */
function lastOfFull(filter: ListFilter, runs: readonly ListedRun[]): string {
  return runs[limitOf(filter) - 1]?.id ?? ''
}

/** The known rows that a connection has delivered too: another connection may have delivered newer states of them. */
function keepOnly(rows: RowsState, brought: RowsState): RowsState {
  const kept = new Map<string, KnownRow>()
  for (const [id, row] of rows) if (brought.has(id)) kept.set(id, row)
  return kept
}

function isSame(runs: readonly ListedRun[], before: readonly ListedRun[]): boolean {
  return runs.length === before.length && runs.every((run, index) => run === before[index])
}

export function nameOfList(filter: ListFilter): string {
  const { workflow, status, key, q } = filter
  return JSON.stringify(['list', workflow ?? null, status ?? null, key ?? null, q ?? null, limitOf(filter)])
}

loaded.makeLists = () => new Lists()
