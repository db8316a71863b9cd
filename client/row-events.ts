import type { End, Row, RowPatch } from '../db/contract.ts'
import type { RunEvent } from './reducer.ts'

/** One event of a live list. `epoch` and `id` null: there is no position to resume from. */
export type RowEvent = { epoch: string | null; id: string | null } & (
  | { type: 'snapshot'; data: Row }
  | { type: 'patch'; data: RowPatch }
  | { type: 'end'; data: End }
)

/** Whether an event concerns lists. If so, it concerns no run that is watched on its own, unless it is a deletion. */
export function concernsLists(event: RunEvent | RowEvent): event is RowEvent {
  if (event.type === 'end') return event.data.reason === 'left' || event.data.reason === 'deleted'
  return (event.type === 'snapshot' || event.type === 'patch') && event.data.steps === null
}
