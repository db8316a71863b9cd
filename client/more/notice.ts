import { html, nothing } from 'lit'
import { statusIcon } from '../parts/icons.ts'
import type { Voice } from '../parts/shown.ts'
import { skeletonPart } from '../parts/skeleton.ts'
import type { RunView } from '../stream.ts'
import { moreOf } from '../words/more.ts'
import { clockIcon } from './icons.ts'

/** For this long a lost connection is still shown as connecting. */
const PATIENCE_MS = 4_000

/** What the notice is about, and what the reader can do. */
interface Asked {
  /** Whether the element has been told what to show. */
  isSet: boolean
  /** Address of the server's mount point. */
  src: string
  reconnect(): void
}

/** In place of a run that cannot be shown: the reason; for a run that is shown: why there are no more updates. */
export function noticePart(view: RunView | null, { isSet, src, reconnect }: Asked, voice: Omit<Voice, 'clock'>) {
  const words = moreOf(voice.words)
  if (!isSet) return notice(statusIcon('pending'), words.unset, words.unsetHint)
  if (view === null) return skeletonPart(null, voice)
  const { run, connection, ended } = view
  const isShown = run !== null && ended !== 'deleted' && ended !== 'not-found'
  const again = html`<button part="button" @click=${reconnect}>${words.tryAgain}</button>`
  if (connection.state === 'closed') {
    const { status, detail, message } = connection.error ?? {}
    const isAccess = status === 401 || status === 403
    const [title, hint] = isAccess ? [words.forbidden, words.forbiddenHint] : [words.refused, detail ?? message ?? '']
    // "You may not see this run" would contradict the run below it: it is the token that has ended
    if (isShown && status === 401) return refusal(words.signedOut, words.signedOutHint, again)
    if (isShown) return refusal(title, hint, again)
    return notice(statusIcon(isAccess ? 'skipped' : 'failed'), title, hint, again)
  }
  if (isShown) return nothing
  if (ended === 'deleted') return notice(statusIcon('skipped'), words.deleted, words.deletedHint)
  if (ended !== null) return notice(statusIcon('skipped'), words.notFound, words.notFoundHint)
  if (connection.state === 'reconnecting' && Date.now() - connection.since > PATIENCE_MS) {
    const { status = null, cause } = connection.error ?? {}
    if (isOfThePage(cause)) return notice(clockIcon(), words.refused, cause.message, again)
    if (status === null) return notice(clockIcon(), words.unreachable, words.unreachableHint, again)
    const address = new URL(`${src}/events`, document.baseURI).href
    return notice(clockIcon(), words.answered, words.answeredHint(address, status), again)
  }
  return view.heard ? notice(statusIcon('pending'), words.noRun, words.noRunHint) : skeletonPart(view, voice)
}

/** Whether nothing was sent because code of the page threw, such as its `getToken`; browsers throw the other two. */
function isOfThePage(cause: unknown): cause is Error {
  return cause instanceof Error && !(cause instanceof TypeError || cause instanceof DOMException)
}

function refusal(title: string, hint: string, action: unknown) {
  return html`
    <div class="refusal" role="alert" part="refusal">
      <div>
        <p>${title}</p>
        <p class="soft">${hint}</p>
      </div>
      ${action}
    </div>
  `
}

function notice(icon: unknown, title: string, hint: string, action: unknown = nothing) {
  return html`
    <slot name="empty">
      <div class="notice" part="notice">
        ${icon}
        <h2>${title}</h2>
        <p>${hint}</p>
        ${action}
      </div>
    </slot>
  `
}
