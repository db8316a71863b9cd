import type { End, Row, RowPatch } from '../db/contract.ts'
import type { RunEvent } from './reducer.ts'

/** One event of a live list. `epoch` and `id` null: there is no place to return to. */
export type RowEvent = { epoch: string | null; id: string | null } & (
  | { type: 'snapshot'; data: Row }
  | { type: 'patch'; data: RowPatch }
  | { type: 'end'; data: End }
)

/** Whether an event is about the lists; but for a deletion, it then says nothing of a run that is watched by itself. */
export function concernsLists(event: RunEvent | RowEvent): event is RowEvent {
  if (event.type === 'end') return event.data.reason === 'left' || event.data.reason === 'deleted'
  return (event.type === 'snapshot' || event.type === 'patch') && event.data.steps === null
}
