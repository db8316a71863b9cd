import { html, nothing } from 'lit'
import { type Branch, isFinished, isUnreached, isWaitingForNextTry } from '../outline.ts'
import { chevronIcon, statusIcon } from '../parts/icons.ts'
import { type Doings, nameOfStep, type Shown } from '../parts/shown.ts'
import { moreOf } from '../words/more.ts'
import type { Operator } from './operator.ts'
import { hashOfStep, hrefOf } from './place.ts'

/** Stands for the completed steps before the failed one; no step has this id. */
export const FOLDED_BEFORE_FAILURE = 0

/** From this many steps on, they are folded. */
const WORTH_FOLDING = 3

/** Folds the completed steps before the failed one into one row, so that the failure is near the top. */
export function foldedSteps(shown: Shown, doings: Doings): { row: unknown; hidden: number } {
  const done = completedBeforeFailure(shown)
  if (done.length < WORTH_FOLDING) return { row: nothing, hidden: 0 }
  const open = shown.isOpen({ step: { id: FOLDED_BEFORE_FAILURE } as Branch['step'], children: done })
  return { row: foldedRow(shown, doings, done, open), hidden: open ? 0 : done.length }
}

function completedBeforeFailure({ run, branches }: Shown): Branch[] {
  const first = branches.findIndex(({ step }) => step.status !== 'completed' && step.status !== 'skipped')
  return run.status === 'failed' && first > 0 ? branches.slice(0, first) : []
}

function foldedRow({ words, formats, cursor }: Shown, doings: Doings, done: Branch[], open: boolean) {
  const spent = done.reduce((sum, { step }) => sum + (step.duration ?? 0), 0)
  return html`
    <li class="step completed group" id="s0" tabindex=${cursor === FOLDED_BEFORE_FAILURE ? 0 : -1}>
      ${statusIcon('completed')}
      <span class="name">
        <button class="fold" aria-expanded=${open} @click=${() => doings.toggle(FOLDED_BEFORE_FAILURE, !open)}>
          ${moreOf(words).stepsCompleted(done.length, formats.number(done.length))} ${chevronIcon()}
        </button>
      </span>
      <span class="time">${formats.duration(spent)}</span>
    </li>
  `
}

export interface RowDoings {
  operator: Operator
  isShowingAttempts(step: number): boolean
  toggleAttempts(step: number): void
}

/** What is beside a step's time: a link to it, a button to retry from it, and its attempt. */
export function besidePart(branch: Branch, shown: Shown, doings: RowDoings) {
  return html`${linkTo(branch, shown)}${retryButton(branch, shown, doings)}${attemptsButton(branch, shown, doings)}`
}

function linkTo({ step }: Branch, { withLinks, words, language, view }: Shown) {
  if (!withLinks) return nothing
  const label = moreOf(words).linkTo(nameOfStep(step, language))
  return html`<a class="again" href=${hrefOf(hashOfStep(step, view.steps))} aria-label=${label}>#</a>`
}

/** Only for completed steps of a run that ended otherwise; a plain retry begins with the failed step. */
function retryButton({ step }: Branch, shown: Shown, { operator }: RowDoings) {
  const { run, withActions, words, language } = shown
  const redoable = step.parentId === null && step.status === 'completed'
  if (!withActions || !redoable || run.status === 'completed' || !isFinished(run)) return nothing
  const more = moreOf(words)
  return html`
    <button
      class="again"
      part="button"
      ?disabled=${operator.asking.state === 'pending'}
      aria-label=${more.retryFromStep(nameOfStep(step, language))}
      @click=${() => operator.ask('retry', step)}
    >
      ${more.retryFrom}
    </button>
  `
}

/** Shows which attempt it is, and opens the other ones. */
function attemptsButton({ step }: Branch, { run, words, formats }: Shown, doings: RowDoings) {
  const { attempt, lastAttempt, status, id } = step
  if (isUnreached(step, run) || (attempt < 2 && !isWaitingForNextTry(step))) return nothing
  const more = moreOf(words)
  const number = formats.number(attempt)
  const isOneOf = status !== 'completed' && (lastAttempt > attempt || status === 'failed')
  return html`
    <button class="fold count" aria-expanded=${doings.isShowingAttempts(id)} @click=${() => doings.toggleAttempts(id)}>
      ${isOneOf ? more.attemptOf(number, formats.number(lastAttempt)) : more.attempt(number)}
    </button>
  `
}
