import { emit } from './events.ts'
import type { RunView } from './stream.ts'

/** The end that each element has told last: put back, or with another token, it hears of the same one anew. */
const toldEnds = new WeakMap<Element, string>()

/** What is new in a view, as events. */
export function emitChanges(from: Element, now: RunView, before: RunView | null): void {
  const { run, steps, logs, ended, connection } = now
  const changed = run !== before?.run || steps !== before?.steps || logs !== before?.logs
  if (run !== null && changed) emit(from, 'stepcast-change', { run, steps })
  if (run !== null && run.id !== before?.run?.id && !toldEnds.get(from)?.includes(run.id)) toldEnds.delete(from)
  const end = `${ended} ${run?.id} ${run?.completedAt}`
  if (ended !== null && ended !== before?.ended && (run === null || end !== toldEnds.get(from))) {
    toldEnds.set(from, end)
    emit(from, 'stepcast-end', { run, reason: ended })
  }
  const { state, error } = connection
  const refused = state === 'closed' && error !== before?.connection.error
  if (refused && error !== null) emit(from, 'stepcast-error', { error })
}
