import { html, nothing } from 'lit'
import { type Branch, isToldBelow, isWaitingForNextTry } from '../outline.ts'
import type { Doings, Shown } from './shown.ts'

/** Stands for the run where a step is expected; no step has this id. */
const RUN_ITSELF = -1

/** Why a step failed, or why it is tried again. Nothing if one of its sub-steps says so already. */
export function failurePart(branch: Branch, shown: Shown, doings: Doings) {
  const { step } = branch
  if (step.error === null || isToldBelow(step.error, branch)) return nothing
  if (isWaitingForNextTry(step)) return html`<span class="note warn">${shown.words.lastError(step.error)}</span>`
  return step.status === 'failed' ? errorBlock(step.id, step.error, step.errorStack, shown, doings) : nothing
}

/** Why the run failed where no step tells it, such as an input that was refused before the first one. */
export function runFailurePart(shown: Shown, doings: Doings) {
  const { run, branches } = shown
  if (run.status !== 'failed' || run.error === null) return nothing
  if (branches.some(({ step }) => step.status === 'failed')) return nothing
  return html`<div class="own">${errorBlock(RUN_ITSELF, run.error, run.errorStack, shown, doings)}</div>`
}

function errorBlock(id: number, error: string, stack: string | null, shown: Shown, doings: Doings) {
  const { words, copied } = shown
  const text = stack === null || stack.includes(error) ? (stack ?? error) : `${error}\n\n${stack}`
  return html`
    <div class="error" part="error">
      <p>${error}</p>
      <div class="more">
        ${stack === null ? nothing : stackBlock(stack, shown)}
        <button class="quiet" part="button" @click=${() => doings.copyError(id, text)}>
          ${copied === id ? words.copied : words.copyError}
        </button>
      </div>
    </div>
  `
}

function stackBlock(stack: string, { words }: Shown) {
  const causes = causesIn(stack).map((cause) => ` · ${words.causedBy(cause)}`)
  return html`
    <details part="stack">
      <summary>${words.stack}${causes.join('')}</summary>
      <pre tabindex="0">${stack}</pre>
    </details>
  `
}

/** The names of the errors behind the error, as Node (`[cause]: TypeError: …`) and others (`Caused by: …`) print them. */
function causesIn(stack: string): string[] {
  const found = stack.matchAll(/(?:\[cause\]:|^\s*caused by:?)\s*([\p{L}_$][\p{L}\d_$.]*)/gimu)
  return Array.from(found, ([, name]) => name ?? '')
}
