import { html, nothing } from 'lit'
import { isFinished } from '../outline.ts'
import type { RunView } from '../stream.ts'
import type { Voice } from './shown.ts'

/** A more recent loss is shown without its time. */
const YOUNG_LOSS_MS = 10_000

/** The state of the connection; nothing if it is live and the run has finished. */
export function connectionPart(view: RunView, voice: Omit<Voice, 'clock'>) {
  const { state } = view.connection
  if (state === 'live' && view.run !== null && isFinished(view.run)) return nothing
  return html`<span class="link ${state}" part="connection">${textOf(view, voice)}</span>`
}

function textOf({ connection }: RunView, { words, formats }: Omit<Voice, 'clock'>): string {
  const { state, since } = connection
  if (state === 'closed') return words.disconnected
  if (state !== 'reconnecting') return words[state]
  if (Date.now() - since < YOUNG_LOSS_MS) return words.reconnecting
  return words.offlineSince(formats.clock(new Date(since).toISOString()))
}
