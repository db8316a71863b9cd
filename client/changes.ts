import { emit } from './events.ts'
import { isSameEnd } from './reducer.ts'
import type { RunView } from './stream.ts'

/** The end that each element last reported: put back, or with another token, it receives the same one again. */
const told = new WeakMap<Element, Pick<RunView, 'run' | 'ended'>>()

/** Dispatches what is new in a view as events. */
export function emitChanges(from: Element, now: RunView, before: RunView | null): void {
  const { run, steps, logs, ended, connection } = now
  const changed = run !== before?.run || steps !== before?.steps || logs !== before?.logs
  if (run !== null && changed) emit(from, 'stepcast-change', { run, steps })
  const last = told.get(from)
  // After another run, the same end is reported again.
  if (run !== null && run.id !== last?.run?.id) told.delete(from)
  const isTold = run !== null && ended === last?.ended && isSameEnd(run, last.run)
  if (ended !== null && ended !== before?.ended && !isTold) {
    told.set(from, { run, ended })
    emit(from, 'stepcast-end', { run, reason: ended })
  }
  const { state, error } = connection
  const refused = state === 'closed' && error !== before?.connection.error
  if (refused && error !== null) emit(from, 'stepcast-error', { error })
}
