import type { ListedRun, ListFilter } from '../db/contract.ts'
import type { RowEvent } from './row-events.ts'

const DEFAULT_LIMIT = 50

/** A run as a list shows it; `epoch`: the one its revision belongs to, null if known only from polling. */
export interface KnownRow {
  readonly run: ListedRun
  readonly epoch: string | null
}

/** The runs of all lists of a connection, by id. */
export type RowsState = ReadonlyMap<string, KnownRow>

export const NO_ROWS: RowsState = new Map()

/** The rows after an event; the same object if the event brings nothing new. */
export function reduceRows(rows: RowsState, event: RowEvent): RowsState {
  const known = rows.get(event.data.run.id)
  if (event.type === 'end') return known === undefined ? rows : without(rows, event.data.run.id)
  if (event.type === 'snapshot')
    return adopt(rows, { run: { ...event.data.run, current: event.data.current }, epoch: event.epoch })
  const { run, current } = event.data
  if (known === undefined || known.epoch !== event.epoch || run.revision <= known.run.revision) return rows
  return new Map(rows).set(run.id, { ...known, run: { ...known.run, ...run, current } })
}

/** The rows with this one added, or in place of an older state of it. */
export function adopt(rows: RowsState, row: KnownRow): RowsState {
  const known = rows.get(row.run.id)
  const isOlder = known?.epoch === row.epoch && row.epoch !== null && row.run.revision <= known.run.revision
  return isOlder ? rows : new Map(rows).set(row.run.id, row)
}

export function without(rows: RowsState, id: string): RowsState {
  const rest = new Map(rows)
  rest.delete(id)
  return rest
}

export function fits({ workflow, status, key, q }: ListFilter, run: ListedRun): boolean {
  return (
    (workflow === undefined || run.workflow === workflow) &&
    (status === undefined || run.status === status || status.includes(run.status)) &&
    (key === undefined || run.key === key) &&
    (q === undefined || isFound(q, run))
  )
}

function isFound(q: string, { id, workflow, key }: ListedRun): boolean {
  return id.startsWith(q.toLowerCase()) || workflow.startsWith(q) || (key?.startsWith(q) ?? false)
}

export function limitOf({ limit }: ListFilter): number {
  return limit ?? DEFAULT_LIMIT
}

/** What one list shows, newest first. Ordered by id, which begins with the time. */
export function newestOf(rows: RowsState, filter: ListFilter): ListedRun[] {
  const runs = [...rows.values()].map(({ run }) => run).filter((run) => fits(filter, run))
  return runs.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limitOf(filter))
}
