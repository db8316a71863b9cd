import { emit } from './events.ts'
import type { RunView } from './stream.ts'

/** What is new in a view, as events. */
export function emitChanges(from: Element, now: RunView, before: RunView | null): void {
  const { run, steps, logs, ended, connection } = now
  const changed = run !== before?.run || steps !== before?.steps || logs !== before?.logs
  if (run !== null && changed) emit(from, 'stepcast-change', { run, steps })
  if (ended !== null && ended !== before?.ended) emit(from, 'stepcast-end', { run, reason: ended })
  const { state, error } = connection
  const refused = state === 'closed' && error !== before?.connection.error
  if (refused && error !== null) emit(from, 'stepcast-error', { error })
}
