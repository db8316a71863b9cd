import { html, nothing } from 'lit'
import type { Step } from '../../db/contract.ts'
import { type Branch, countDone, isFinished, isUnreached, isWaitingForNextTry } from '../outline.ts'
import { fillPart } from './bar.ts'
import { chevronIcon, clockIcon, statusIcon } from './icons.ts'
import { isLong, wholePart } from './long-text.ts'
import { type Doings, isolated, messageOf, nameOfStep, type Shown } from './shown.ts'
import { timePart } from './step-time.ts'

/** From so many rows on, the browser is told to leave out those that cannot be seen. */
const MANY = 60

export function stepsPart(shown: Shown, doings: Doings) {
  const folded = shown.more?.foldedSteps(shown)
  return html`
    <ol class="steps ${shown.view.steps.length > MANY ? 'many' : ''}" part="steps">
      ${folded?.row}${shown.branches.map((branch, index) => rowPart(branch, shown, doings, index < (folded?.hidden ?? 0)))}
    </ol>
  `
}

/** Drawn anew only when something in it has changed: of a thousand steps most stand still while one of them ticks. */
function rowPart(branch: Branch, shown: Shown, doings: Doings, hidden = false): unknown {
  const draw = () => row(branch, shown, doings, hidden)
  if (!shown.memo) return draw()
  const { step } = branch
  const isCurrent = shown.current?.branch === branch
  const seen = [step, hidden, isCurrent, shown.cursor === step.id, revisionsOf(branch)]
  return shown.memo(isTicking(branch) ? [Number.NaN] : seen, draw)
}

/** Rises with every change to it or to what is below it. */
function revisionsOf({ step, children }: Branch): number {
  return children.reduce((sum, child) => sum + revisionsOf(child), step.revision)
}

/** Whether time alone changes what is said of it. */
function isTicking({ step, children }: Branch): boolean {
  return step.status === 'running' || isWaitingForNextTry(step) || children.some(isTicking)
}

/** Hidden rather than left out, so that what a reader opened in the rows after it stays open. */
function row(branch: Branch, shown: Shown, doings: Doings, hidden: boolean) {
  const { step, children } = branch
  const { words, language, current } = shown
  const isSub = step.parentId !== null
  const name = nameOfStep(step, language)
  const open = children.length > 0 && shown.isOpen(branch)
  const text = sayingOf(step, shown)
  const isInline = isSub && !isLong(text)
  const word = isUnreached(step, shown.run) ? words.notReached : words.step[step.status]
  return html`
    <li
      class="step ${isUnreached(step, shown.run) ? 'unreached' : step.status}"
      part=${isSub ? 'substep' : 'step'}
      id="s${step.id}"
      tabindex=${shown.cursor === step.id ? 0 : -1}
      ?hidden=${hidden}
      aria-current=${current?.branch === branch && !isFinished(shown.run) ? 'step' : nothing}
    >
      ${iconOf(branch, shown)}
      <span class="name">
        <bdi part="step-name">${name}</bdi><span class="vh">, ${word}</span>
        ${foldButton(branch, name, open, shown, doings)} ${isInline ? inlineMessage(branch, text, shown) : nothing}
      </span>
      ${timePart(branch, shown)} ${isSub ? nothing : miniBar(branch)} ${isInline ? nothing : note(text, shown)}
      ${open ? html`<ol class="subs">${children.map((child) => rowPart(child, shown, doings))}</ol>` : nothing}
      ${shown.more?.belowStep(branch, shown)}
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
function note(text: string, { words }: Shown) {
  if (text === '') return nothing
  const [cut, whole] = isLong(text) ? ['long', wholePart(words)] : []
  return html`<bdi class="note ${cut}" part="step-message">${text}</bdi>${whole}`
}

function inlineMessage({ step }: Branch, said: string, { formats }: Shown) {
  const percent = step.status === 'running' && step.progress > 0 ? formats.percent(step.progress) : ''
  const text = said || percent
  return text === '' ? nothing : html`<span class="soft">· <bdi>${text}</bdi></span>`
}

/** Its message, and how many of how many where it reported a count; of one that waits for its next try, why. */
function sayingOf(step: Step, { language, words, formats }: Shown): string {
  const message = messageOf(step, language)
  if (step.status === 'skipped') return message
  if (isWaitingForNextTry(step) && step.error !== null) return words.lastError(isolated(step.error))
  if (step.status !== 'running') return ''
  const { current, total } = step.metadata
  const counted = typeof current === 'number' && typeof total === 'number'
  const count = counted ? words.doneOf(formats.number(current), formats.number(total)) : ''
  return [message, count].filter(Boolean).join(' · ')
}
