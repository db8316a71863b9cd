import { html, nothing } from 'lit'
import { isFinished } from '../outline.ts'
import type { Doings, Shown } from './shown.ts'

/** Who started it, and what can be done. */
export function footerPart(shown: Shown, doings: Doings) {
  return html`
    ${refusal(shown, doings)}
    <footer part="footer">
      ${shown.asking.state === 'confirming' && !isFinished(shown.run) ? question(shown, doings) : usual(shown, doings)}
    </footer>
  `
}

function usual(shown: Shown, doings: Doings) {
  const { words, withLogs, logsOpen, withActions } = shown
  return html`
    <span class="who">${startedText(shown)}</span>
    ${
      withLogs
        ? html`<button part="button" aria-expanded=${logsOpen} @click=${doings.toggleLogs}>${words.logs}</button>`
        : nothing
    }
    ${withActions ? actionButton(shown, doings) : nothing}
  `
}

function startedText({ run, words, formats }: Shown): string {
  // Words may follow it: it must not reorder them.
  const who = run.createdBy.replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
  if (run.startedAt === null) return words.createdBy(formats.time(run.createdAt), who)
  return words.startedBy(formats.time(run.startedAt), who)
}

function actionButton({ run, words, asking }: Shown, doings: Doings) {
  const pending = asking.state === 'pending' ? asking.type : null
  if (!isFinished(run)) {
    return html`
      <button part="button" id="act" aria-disabled=${pending !== null} @click=${() => doings.confirmCancel(true)}>
        ${pending === 'cancel' ? words.cancelling : words.cancel}
      </button>
    `
  }
  if (run.status === 'completed') return nothing
  return html`
    <button class="main" id="act" part="button button-main" aria-disabled=${pending !== null} @click=${() => doings.retry(null)}>
      ${pending === 'retry' ? words.retrying : words.retry}
    </button>
  `
}

function question({ words }: Shown, doings: Doings) {
  const onKey = ({ key }: KeyboardEvent) => key === 'Escape' && doings.confirmCancel(false)
  return html`
    <div class="ask" role="group" aria-labelledby="question" @keydown=${onKey}>
      <span class="who" id="question">${words.cancelQuestion}</span>
      <button part="button" id="keep" @click=${() => doings.confirmCancel(false)}>${words.cancelNo}</button>
      <button class="danger" part="button button-danger" id="sure" @click=${doings.cancel}>${words.cancelYes}</button>
    </div>
  `
}

/** The server said no: why, and it stays until it is put away. */
function refusal({ asking, words }: Shown, doings: Doings) {
  if (asking.state !== 'refused') return nothing
  const { type, error } = asking
  return html`
    <div class="refusal" role="alert" part="refusal">
      <span>${type === 'cancel' ? words.notCancelled : words.notRetried} ${error.detail ?? error.message}</span>
      <button class="quiet" part="button" @click=${doings.dismiss}>${words.dismiss}</button>
    </div>
  `
}
