import { html, nothing } from 'lit'
import type { Step } from '../../db/contract.ts'
import { type Branch, countDone, isFinished, isUnreached } from '../outline.ts'
import { fillPart } from './bar.ts'
import { chevronIcon, statusIcon } from './icons.ts'
import { isLong, wholePart } from './long-text.ts'
import { type Act, messageOf, nameOfStep, type Shown, waitingOf } from './shown.ts'
import { timePart } from './step-time.ts'

/** With more steps than this, the browser is told not to render rows that are out of sight. */
const MANY = 60

export function stepsPart(shown: Shown, act: Act) {
  const folded = shown.more?.foldedSteps(shown)
  return html`
    <ol class="steps ${shown.view.steps.length > MANY ? 'many' : ''}" part="steps">
      ${folded?.row}${shown.branches.map((branch, index) => rowPart(branch, shown, act, index < (folded?.hidden ?? 0)))}
    </ol>
  `
}

function rowPart(branch: Branch, shown: Shown, act: Act, hidden = false): unknown {
  const draw = () => row(branch, shown, act, hidden)
  return shown.memo?.(branch, hidden, shown, draw) ?? draw()
}

/** Hidden rather than left out, so that what the reader has opened in later rows stays open. */
function row(branch: Branch, shown: Shown, act: Act, hidden: boolean) {
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
        ${foldButton(branch, name, open, shown, act)} ${isInline ? inlineMessage(branch, text, shown) : nothing}
      </span>
      ${timePart(branch, shown)} ${isSub ? nothing : miniBar(branch)} ${isInline ? nothing : note(text, shown)}
      ${open ? html`<ol class="subs">${children.map((child) => rowPart(child, shown, act))}</ol>` : nothing}
      ${shown.more?.belowStep(branch, shown)}
    </li>
  `
}

function iconOf({ step }: Branch, shown: Shown) {
  return waitingOf(step, shown)?.icon ?? statusIcon(isUnreached(step, shown.run) ? 'skipped' : step.status)
}

function foldButton({ step, children }: Branch, name: string, open: boolean, shown: Shown, act: Act) {
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
      @click=${() => act((it) => it.toggle(step.id, !open))}
    >
      ${counted} ${chevronIcon()}
    </button>
  `
}

function miniBar({ step }: Branch) {
  if (step.status !== 'running' || step.progress === 0) return nothing
  return html`<svg class="bar mini" aria-hidden="true">${fillPart(step.progress)}</svg>`
}

/** The message of a running step, or why a step was skipped. */
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

/**
 * A running step's message, and its count if it reported one; for a step that waits for its next attempt, the reason.
 */
function sayingOf(step: Step, shown: Shown): string {
  const { language, words, formats } = shown
  const message = messageOf(step, language)
  if (step.status === 'skipped') return message
  if (step.status !== 'running') return waitingOf(step, shown)?.why ?? ''
  const { current, total } = step.metadata
  const counted = typeof current === 'number' && typeof total === 'number'
  const count = counted ? words.doneOf(formats.number(current), formats.number(total)) : ''
  return [message, count].filter(Boolean).join(' · ')
}
