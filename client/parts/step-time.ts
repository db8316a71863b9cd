import { html, nothing } from 'lit'
import { type Branch, elapsed, isFinished, isUnreached, isWaitingForNextTry } from '../outline.ts'
import { type Doings, nameOfStep, type Shown } from './shown.ts'

/** The end of a step's row: how long, how often, and a way back to it. */
export function timePart(branch: Branch, shown: Shown, doings: Doings) {
  return html`
    <span class="time" part="step-time">${retryButton(branch, shown, doings)}${textsOf(branch, shown).join(' · ')}</span>
  `
}

function textsOf({ step }: Branch, shown: Shown): string[] {
  const { words, formats, clock, run } = shown
  if (isUnreached(step, run)) return [words.notReached]
  const usual = step.usual === null ? [] : [words.usually(formats.typical(step.usual))]
  const tries = step.attempt > 1 ? [words.attempt(formats.number(step.attempt))] : []
  if (isWaitingForNextTry(step)) return [...tries, nextTry(step.nextAttemptAt, shown)]
  if (step.status === 'pending') return usual
  const spent = elapsed(step, clock)
  const word = step.status === 'skipped' || step.status === 'cancelled' ? [words.step[step.status]] : []
  const time = spent === null || step.status === 'skipped' ? [] : [formats.duration(spent)]
  return [...word, ...time, ...tries, ...(step.status === 'running' ? usual : [])]
}

function nextTry(at: string | null, { words, formats, clock }: Shown): string {
  const left = Date.parse(at ?? '') - clock.now()
  return left > 0 ? words.nextTry(formats.roughly(left)) : words.nextTrySoon
}

/** Of a step that was completed in a run that was not; the failed one is what a plain retry begins with. */
function retryButton({ step }: Branch, { run, withActions, words, language, asking }: Shown, doings: Doings) {
  const redoable = step.parentId === null && step.status === 'completed'
  if (!withActions || !redoable || run.status === 'completed' || !isFinished(run)) return nothing
  return html`
    <button
      class="again"
      part="button"
      ?disabled=${asking.state === 'pending'}
      aria-label=${words.retryFromStep(nameOfStep(step, language))}
      @click=${() => doings.retry(step)}
    >
      ${words.retryFrom}
    </button>
  `
}
