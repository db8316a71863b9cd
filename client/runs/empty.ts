import { html, nothing } from 'lit'
import { statusIcon } from '../parts/icons.ts'
import { ANY, isAny } from './filter.ts'
import type { RunsDoings, ShownRuns } from './shown.ts'

/** A loss so young is still shown as loading. */
const PATIENCE_MS = 4_000
const GHOSTS = 5

/** What stands in place of the rows, and why. */
export function emptyPart(shown: ShownRuns, doings: RunsDoings) {
  const { own, view, filter, refusal } = shown
  const again = html`<button @click=${doings.reconnect}>${own.tryAgain}</button>`
  if (refusal) {
    const { status, detail, message } = refusal
    if (status === 401) return notice('skipped', own.forbidden, own.forbiddenHint, again)
    if (status === 403) return notice('skipped', own.forbidden, detail ?? own.forbiddenHint, again)
    return notice('failed', own.failed, detail ?? message, again)
  }
  if (view?.connection.state === 'reconnecting' && Date.now() - view.connection.since > PATIENCE_MS)
    return notice('failed', own.unreachable, own.unreachableHint, again)
  if (!view?.heard) return ghosts(shown)
  if (isAny(filter)) return notice('pending', own.noRuns, own.noRunsHint, html`<slot name="empty"></slot>`)
  const clear = html`<button @click=${() => doings.filter(ANY)}>${own.clear}</button>`
  return notice('skipped', own.noMatch, own.noMatchHint, shown.withFilters ? clear : nothing)
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

/** The shape of what will come, so that nothing jumps when it does. */
function ghosts({ withActions }: ShownRuns) {
  const ghost = html`<i class="ghost"></i>`
  const row = html`<li class="row">${withActions ? html`<span class="pick"></span>` : nothing}<div class="who">${ghost}${ghost}</div><div class="state">${ghost}</div><div class="now">${ghost}</div><div class="time"></div></li>`
  return html`<ul class="rows" aria-busy="true" aria-hidden="true">${Array.from({ length: GHOSTS }, () => row)}</ul>`
}
