import { html, nothing, type TemplateResult } from 'lit'
import type { Step } from '../../db/contract.ts'
import { type Branch, countDone, isFinished, isUnreached, isWaitingForNextTry } from '../outline.ts'
import { fillPart } from './bar.ts'
import { failurePart } from './failure.ts'
import { chevronIcon, clockIcon, statusIcon } from './icons.ts'
import { type Doings, messageOf, nameOfStep, type Shown } from './shown.ts'
import { timePart } from './step-time.ts'

/** Stands for the completed steps before the one that failed; no step has this id. */
const FOLDED_BEFORE_FAILURE = 0

/** From so many on they fold. */
const WORTH_FOLDING = 3

export function stepsPart(shown: Shown, doings: Doings) {
  const done = completedBeforeFailure(shown)
  const fold: Branch = { step: { id: FOLDED_BEFORE_FAILURE } as Branch['step'], children: done }
  const hidden = done.length >= WORTH_FOLDING && !shown.isOpen(fold) ? done.length : 0
  return html`
    <ol class="steps" part="steps">
      ${done.length >= WORTH_FOLDING ? foldedRow(shown, doings, fold) : nothing}
      ${shown.branches.map((branch, index) => row(branch, shown, doings, index < hidden))}
    </ol>
  `
}

function completedBeforeFailure({ run, branches }: Shown): Branch[] {
  const first = branches.findIndex(({ step }) => step.status !== 'completed' && step.status !== 'skipped')
  return run.status === 'failed' && first > 0 ? branches.slice(0, first) : []
}

function foldedRow(shown: Shown, doings: Doings, fold: Branch) {
  const { words, formats } = shown
  const open = shown.isOpen(fold)
  const count = fold.children.length
  const spent = fold.children.reduce((sum, { step }) => sum + (step.duration ?? 0), 0)
  return html`
    <li class="step completed group">
      ${statusIcon('completed')}
      <span class="name">
        <button class="fold" aria-expanded=${open} @click=${() => doings.toggle(FOLDED_BEFORE_FAILURE, !open)}>
          ${words.stepsCompleted(count, formats.number(count))} ${chevronIcon()}
        </button>
      </span>
      <span class="time">${formats.duration(spent)}</span>
    </li>
  `
}

/** Hidden rather than left out, so that what a reader opened in the rows after it stays open. */
function row(branch: Branch, shown: Shown, doings: Doings, hidden = false): TemplateResult {
  const { step, children } = branch
  const { words, language, current } = shown
  const isSub = step.parentId !== null
  const name = nameOfStep(step, language)
  const open = children.length > 0 && shown.isOpen(branch)
  const word = isUnreached(step, shown.run) ? words.notReached : words.step[step.status]
  return html`
    <li
      class="step ${isUnreached(step, shown.run) ? 'unreached' : step.status}"
      part=${isSub ? 'substep' : 'step'}
      ?hidden=${hidden}
      aria-current=${current?.branch === branch && !isFinished(shown.run) ? 'step' : nothing}
    >
      ${iconOf(branch, shown)}
      <span class="name">
        <span part="step-name">${name}</span><span class="vh">, ${word}</span>
        ${isSub ? inlineMessage(branch, shown) : nothing} ${foldButton(branch, name, open, shown, doings)}
      </span>
      ${timePart(branch, shown, doings)} ${isSub ? nothing : [miniBar(branch), note(branch, shown)]}
      ${open ? html`<ol class="subs">${children.map((child) => row(child, shown, doings))}</ol>` : nothing}
      ${failurePart(branch, shown, doings)}
    </li>
  `
}

function iconOf({ step }: Branch, { run }: Shown) {
  if (isWaitingForNextTry(step)) return clockIcon()
  return statusIcon(isUnreached(step, run) ? 'skipped' : step.status)
}

function foldButton({ step, children }: Branch, name: string, open: boolean, shown: Shown, doings: Doings) {
  if (children.length === 0 || isUnreached(step, shown.run)) return nothing
  const { words, formats } = shown
  const total = formats.number(children.length)
  const done = countDone(children)
  const counted =
    done === children.length || step.status === 'pending'
      ? words.substeps(children.length, total)
      : words.doneOf(formats.number(done), total)
  return html`
    <button
      class="fold count"
      aria-expanded=${open}
      aria-label="${words.substepsOf(name)}: ${counted}"
      @click=${() => doings.toggle(step.id, !open)}
    >
      ${counted} ${chevronIcon()}
    </button>
  `
}

function miniBar({ step }: Branch) {
  if (step.status !== 'running' || step.progress === 0) return nothing
  return html`<svg class="bar mini" aria-hidden="true">${fillPart(step.progress)}</svg>`
}

/** What a running step says of itself, or why one was skipped. */
function note({ step }: Branch, shown: Shown) {
  const text = sayingOf(step, shown)
  return text === '' ? nothing : html`<span class="note" part="step-message">${text}</span>`
}

function inlineMessage({ step }: Branch, shown: Shown) {
  const percent = step.status === 'running' && step.progress > 0 ? shown.formats.percent(step.progress) : ''
  const text = sayingOf(step, shown) || percent
  return text === '' ? nothing : html`<span class="soft">· ${text}</span>`
}

/** Its message, and how many of how many where it reported a count. */
function sayingOf(step: Step, { language, words, formats }: Shown): string {
  const message = messageOf(step, language)
  if (step.status === 'skipped') return message
  if (step.status !== 'running') return ''
  const { current, total } = step.metadata
  const counted = typeof current === 'number' && typeof total === 'number'
  const count = counted ? words.doneOf(formats.number(current), formats.number(total)) : ''
  return [message, count].filter(Boolean).join(' · ')
}
