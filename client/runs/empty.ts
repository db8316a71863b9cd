import { html, nothing } from 'lit'
import { statusIcon } from '../parts/icons.ts'
import { isolated } from '../parts/shown.ts'
import { ANY, isAny, STATUSES } from './filter.ts'
import type { RunsDoings, ShownRuns } from './shown.ts'

/** For this long a lost connection is still shown as loading. */
const PATIENCE_MS = 4_000

/** What replaces the rows, and why. */
export function emptyPart(shown: ShownRuns, doings: RunsDoings) {
  const { own, view, filter, unknown, refusal, src, withFilters } = shown
  const again = html`<button @click=${doings.reconnect}>${own.tryAgain}</button>`
  const clear = withFilters ? html`<button @click=${() => doings.filter(ANY)}>${own.clear}</button>` : nothing
  if (unknown)
    return notice('skipped', own.unknownStatus(isolated(unknown)), own.knownStatuses(STATUSES.join(', ')), clear)
  if (refusal) {
    const { status, detail, message } = refusal
    if (status === 401 || status === 403)
      return notice('skipped', own.forbidden, (status === 403 && detail) || own.forbiddenHint, again)
    return notice('failed', own.failed, detail ?? message, again)
  }
  if (view?.connection.state === 'reconnecting' && Date.now() - view.connection.since > PATIENCE_MS) {
    const { status = null } = view.connection.error ?? {}
    if (status === null) return notice('failed', own.unreachable, own.unreachableHint, again)
    const address = new URL(`${src}/events`, document.baseURI).href
    return notice('failed', own.answered, own.answeredHint(address, status), again)
  }
  if (!view?.heard) return ghosts(shown)
  // If the reader has no filters, the page chooses the workflow and the key.
  if (isAny(withFilters ? filter : { ...filter, workflow: '', key: '' }))
    return notice('pending', own.noRuns, own.noRunsHint, html`<slot name="empty"></slot>`)
  return notice('skipped', own.noMatch, own.noMatchHint, clear)
}

function notice(icon: Parameters<typeof statusIcon>[0], title: string, hint: string, action: unknown) {
  return html`
    <div class="notice" part="notice">
      ${statusIcon(icon)}
      <h2>${title}</h2>
      <p>${hint}</p>
      ${action}
    </div>
  `
}

/** Placeholders in the shape of what will follow, so that nothing moves when it arrives. */
function ghosts({ withActions }: ShownRuns) {
  const ghost = html`<i class="ghost"></i>`
  const row = html`<li class="row">${withActions ? html`<span class="pick"></span>` : nothing}<div class="who">${ghost}${ghost}</div><div class="state">${ghost}</div><div class="now">${ghost}</div><div class="time"></div></li>`
  return html`<ul class="rows" aria-busy="true" aria-hidden="true">${[row, row, row, row, row]}</ul>`
}
