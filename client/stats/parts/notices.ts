import { html, nothing } from 'lit'
import type { Stats } from '../../../db/contract.ts'
import type { RequestError } from '../../problem.ts'
import { beginOf, type Period } from '../period.ts'
import type { Speech } from '../speech.ts'
import type { StatsWords } from '../words/words.ts'

export function emptyPart(period: Period, words: StatsWords) {
  const [title, hint] =
    period === 'all' ? [words.noRuns, words.noRunsHint] : [words.noRunsInPeriod, words.noRunsInPeriodHint]
  return notice(title, hint)
}

export function errorPart({ status, detail, message }: RequestError, words: StatsWords, again: () => void) {
  const button = html`<button part="button" @click=${again}>${words.tryAgain}</button>`
  if (isRefusal(status)) return notice(words.forbidden, words.forbiddenHint, button)
  return notice(words.failedToLoad, status === null ? words.unreachableHint : (detail ?? message), button)
}

function isRefusal(status: number | null): boolean {
  return status === 401 || status === 403
}

/** Above numbers that may be out of date. */
export function stalePart({ status }: RequestError, heardAt: number, { words, formats }: Speech, again: () => void) {
  return html`
    <div class="stale" part="notice" role="status">
      <span>${words.stale(formats.time(new Date(heardAt).toISOString()))} ${isRefusal(status) ? words.forbiddenHint : ''}</span>
      <button part="button" @click=${again}>${words.tryAgain}</button>
    </div>
  `
}

/** The time from which runs are counted, if it is not the requested one. */
export function notesPart({ since, workflowsSince }: Stats, period: Period, { words, time }: Speech) {
  const isCut = since !== null && (period === 'all' || Date.parse(since) > Date.parse(beginOf(period) ?? since))
  return html`
    ${isCut ? html`<p class="notes">${words.countedSince(time(since))}</p>` : nothing}
    ${workflowsSince === null || workflowsSince === since ? nothing : html`<p class="notes">${words.stepsCountedSince(time(workflowsSince))}</p>`}
  `
}

/** Placeholders in the shape of what will follow, so that nothing moves when it arrives. */
export function skeletonPart() {
  const tile = html`<div class="tile"><span class="ghost short"></span><span class="ghost big"></span><span class="ghost"></span></div>`
  const card = html`<div class="card"><span class="ghost short"></span><span class="ghost"></span><span class="ghost plot"></span></div>`
  return html`
    <div class="tiles" aria-hidden="true">${[tile, tile, tile, tile]}</div>
    <div class="cards" aria-hidden="true">${[card, card]}</div>
  `
}

function notice(title: string, hint: string, action: unknown = nothing) {
  return html`
    <div class="card notice" part="notice">
      <h3>${title}</h3>
      <p>${hint}</p>
      ${action}
    </div>
  `
}
