import { html, nothing } from 'lit'
import type { RunView } from '../stream.ts'
import { connectionPart } from './connection.ts'
import { clockIcon, statusIcon } from './icons.ts'
import type { Voice } from './shown.ts'

/** A loss so young is still shown as connecting. */
const PATIENCE_MS = 4_000

/** What stands in place of a run that cannot be shown, and why. */
export function emptyPart(view: RunView | null, isSet: boolean, voice: Omit<Voice, 'clock'>, reconnect: () => void) {
  const { words } = voice
  if (!isSet) return notice(statusIcon('pending'), words.unset, words.unsetHint)
  if (view === null) return skeleton(null, voice)
  const { connection, ended } = view
  const again = html`<button part="button" @click=${reconnect}>${words.tryAgain}</button>`
  if (connection.state === 'closed') {
    const status = connection.error?.status
    if (status === 401 || status === 403)
      return notice(statusIcon('skipped'), words.forbidden, words.forbiddenHint, again)
    return notice(statusIcon('failed'), words.refused, connection.error?.message ?? '', again)
  }
  if (ended === 'deleted') return notice(statusIcon('skipped'), words.deleted, words.deletedHint)
  if (ended !== null) return notice(statusIcon('skipped'), words.notFound, words.notFoundHint)
  if (connection.state === 'reconnecting' && Date.now() - connection.since > PATIENCE_MS) {
    return notice(clockIcon(), words.unreachable, words.unreachableHint, again)
  }
  return view.heard ? notice(statusIcon('pending'), words.noRun, words.noRunHint) : skeleton(view, voice)
}

function notice(icon: unknown, title: string, hint: string, action: unknown = nothing) {
  return html`
    <div class="notice" part="notice">
      ${icon}
      <h2>${title}</h2>
      <p>${hint}</p>
      ${action}
    </div>
  `
}

/** The shape of what will come, so that nothing jumps when it does. */
function skeleton(view: RunView | null, voice: Omit<Voice, 'clock'>) {
  const row = html`<li class="step pending"><span class="ghost dot"></span><span class="ghost"></span></li>`
  return html`
    <header aria-busy="true">
      <div class="top"><span class="ghost title"></span></div>
      <div class="bar"></div>
      <div class="meta"><span></span>${view === null ? nothing : connectionPart(view, voice)}</div>
    </header>
    <ol class="steps" aria-hidden="true">
      ${[row, row, row]}
    </ol>
  `
}
