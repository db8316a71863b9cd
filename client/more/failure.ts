import { html, nothing } from 'lit'
import { type Branch, isWaitingForNextTry } from '../outline.ts'
import { isLong, wholePart } from '../parts/long-text.ts'
import type { Shown } from '../parts/shown.ts'
import { moreOf } from '../words/more.ts'
import type { Copier } from './copier.ts'
import { isToldBelow } from './told.ts'

/** An error with this many lines is cut off, however short they are. */
const MANY_LINES = 7

type Copying = Pick<Copier, 'copy' | 'outcomeOf'>

/** Why a step failed. Nothing if one of its sub-steps shows the same error. */
export function failurePart(branch: Branch, shown: Shown, copier: Copying) {
  const { step } = branch
  if (step.error === null || isWaitingForNextTry(step) || isToldBelow(step.error, branch)) return nothing
  return step.status === 'failed' ? errorPart(step, shown, copier) : nothing
}

/** Why the run failed if no step shows it, such as an input that was refused before the first step. */
export function runFailurePart(shown: Shown, copier: Copying) {
  const { run, branches } = shown
  if (run.status !== 'failed' || run.error === null) return nothing
  if (branches.some(({ step }) => step.status === 'failed')) return nothing
  return html`<div class="own">${errorPart(run, shown, copier)}</div>`
}

/** An error with its stack, if the reader may see that, and a button to copy it. */
export function errorPart(of: { error: string | null; errorStack: string | null }, { words }: Shown, copier: Copying) {
  const { error, errorStack: stack } = of
  const more = moreOf(words)
  const text = stack === null || stack.includes(error ?? '') ? (stack ?? error ?? '') : `${error}\n\n${stack}`
  const isCut = isLong(error ?? '') || (error ?? '').split('\n', MANY_LINES).length === MANY_LINES
  const outcome = copier.outcomeOf(text)
  const said = outcome === undefined ? more.copyError : outcome === 'copied' ? more.copied : more.notCopied
  return html`
    <div class="error" part="error">
      <p class=${isCut ? 'long' : nothing}>${error}</p>
      <div class="more">
        ${isCut ? wholePart(words) : nothing}
        ${stack === null ? nothing : stackPart(stack, causesIn(stack, more.causedBy), more.stack)}
        <button class="quiet" part="button" @click=${() => copier.copy(text)}>${said}</button>
      </div>
    </div>
  `
}

function stackPart(stack: string, causes: string[], word: string) {
  return html`
    <details class="stack" part="stack">
      <summary>${word}${causes.map((cause) => html` · <bdi>${cause}</bdi>`)}</summary>
      <pre tabindex="0" dir="ltr">${stack}</pre>
    </details>
  `
}

/** The errors behind the error, as Node (`[cause]: TypeError: …`) and others (`Caused by: …`) print them. */
function causesIn(stack: string, write: (cause: string) => string): string[] {
  const found = stack.matchAll(/(?:\[cause\]:|^\s*caused by:?)\s*([\p{L}_$][\p{L}\d_$.]*)/gimu)
  return Array.from(found, ([, name]) => write(name ?? ''))
}
