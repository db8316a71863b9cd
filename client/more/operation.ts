import type { RunDetails } from '../../db/contract.ts'
import { isolated, type Shown } from '../parts/shown.ts'
import { moreOf } from '../words/more.ts'

/** Who last cancelled or retried the run, and why; null: nobody did. */
export function operationText({ run, words, formats }: Shown, details: RunDetails | null): string | null {
  const last = details?.operations.findLast(({ action }) => action === 'cancel' || action === 'retry')
  if (!last || (last.action === 'cancel') !== (run.status === 'cancelled')) return null
  const more = moreOf(words)
  const by = last.action === 'cancel' ? more.cancelledBy : more.retriedBy
  const what = by(formats.time(last.at), isolated(last.actor))
  return last.reason ? more.because(what, isolated(last.reason)) : what
}
