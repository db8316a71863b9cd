import { html, nothing } from 'lit'
import type { Step } from '../../db/contract.ts'
import { isolated, nameOfStep, type Shown } from '../parts/shown.ts'
import { moreOf } from '../words/more.ts'
import type { Operator } from './operator.ts'

/** The question in place of the footer's usual text; null: there is none. */
export function questionPart(shown: Shown, operator: Operator) {
  const { asking } = operator
  if (asking.state !== 'confirming') return null
  const more = moreOf(shown.words)
  const isCancel = asking.type === 'cancel'
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.isComposing) return
    // If the question is inside a dialog of the page, that dialog stays open.
    event.preventDefault()
    event.stopPropagation()
    operator.dismiss()
  }
  const confirm = (event: SubmitEvent) => {
    event.preventDefault()
    operator.confirm(String(new FormData(event.target as HTMLFormElement).get('reason') ?? '').trim())
  }
  const question = isCancel ? more.cancelQuestion : retryQuestion(asking.from, shown)
  return html`
    <form class="ask" aria-labelledby="question" part="question" @keydown=${onKey} @submit=${confirm}>
      <bdi class="who" id="question">${question}</bdi>
      ${isCancel ? html`<input name="reason" value=${asking.reason} maxlength="1000" autocomplete="off" aria-label=${more.reason} placeholder=${more.reason} />` : nothing}
      <span class="answers">
        <button type="button" part="button" id="keep" @click=${() => operator.dismiss()}>
          ${isCancel ? more.cancelNo : more.retryNo}
        </button>
        <button class=${isCancel ? 'danger' : 'main'} part="button button-${isCancel ? 'danger' : 'main'}" id="sure">
          ${isCancel ? more.cancelYes : more.retryYes}
        </button>
      </span>
      ${asking.error === null ? nothing : html`<p class="lost" role="alert">${more.noAnswer}</p>`}
    </form>
  `
}

/** A plain retry needs no question at first; it gets one when nobody knows whether the request reached the server. */
function retryQuestion(step: Step | null, { words, language }: Shown): string {
  const more = moreOf(words)
  return step === null ? more.retryRunQuestion : more.retryQuestion(isolated(nameOfStep(step, language)))
}

/** The server's refusal and its reason; it stays until it is dismissed. */
export function refusalPart({ words }: Shown, operator: Operator) {
  const { asking } = operator
  if (asking.state !== 'refused') return nothing
  const more = moreOf(words)
  const { type, error } = asking
  const detail = (error as { detail?: string | null }).detail ?? error.message
  return html`
    <div class="refusal" role="alert" part="refusal">
      <span>${type === 'cancel' ? more.notCancelled : more.notRetried} <bdi>${detail}</bdi></span>
      <button class="quiet" part="button" @click=${() => operator.dismiss()}>${more.dismiss}</button>
    </div>
  `
}
