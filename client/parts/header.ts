import { html, nothing } from 'lit'
import { isLate, timeLeft } from '../estimate.ts'
import { elapsed, isFinished } from '../outline.ts'
import { fillPart } from './bar.ts'
import { connectionPart } from './connection.ts'
import { nameOfStep, type Shown, titleOf } from './shown.ts'

/** Title, progress and duration. */
export function headerPart(shown: Shown) {
  const { run } = shown
  // The progress of a run that has not begun is unknown: without a value, nothing reads "0 %".
  const progress = run.status === 'pending' && run.progress === 0 ? nothing : run.progress
  return html`
    <header part="header">
      <div class="top">
        <h2 part="title"><slot name="title"><bdi>${titleOf(shown)}</bdi></slot></h2>
        <span class="state" part="status">${stateOf(shown)}</span>
      </div>
      <svg
        class="bar"
        part="bar"
        role="progressbar"
        aria-label=${titleOf(shown)}
        aria-valuenow=${progress}
        aria-valuetext=${valueText(shown)}
      >
        ${fillPart(run.progress)}
      </svg>
      <div class="meta" part="meta">
        <span>${placeOf(shown)}</span>
        <span>${timeOf(shown)}</span>
        ${connectionPart(shown.view, shown)}
      </div>
    </header>
  `
}

function stateOf({ run, words, formats }: Shown): string {
  return run.status === 'running' ? formats.percent(run.progress) : words.run[run.status]
}

function valueText(shown: Shown): string {
  const { run, words, formats, current, branches, language } = shown
  if (run.status === 'pending') return words.run.pending
  const percent = formats.percent(run.progress)
  if (run.status !== 'running' || current === null) return `${percent}, ${words.run[run.status]}`
  const step = words.stepOf(formats.number(current.number), formats.number(branches.length))
  return `${percent}, ${step}, ${nameOfStep(current.branch.step, language)}`
}

function placeOf({ run, words, formats, current, branches, language }: Shown) {
  const total = formats.number(branches.length)
  if (run.status === 'pending' || run.status === 'completed' || current === null) {
    return branches.length === 0 ? nothing : html`<b>${words.steps(branches.length, total)}</b>`
  }
  const name = nameOfStep(current.branch.step, language)
  return html`<b>${words.stepOf(formats.number(current.number), total)}</b> · <bdi>${name}</bdi>`
}

function timeOf(shown: Shown): string {
  const { run, words, formats, clock } = shown
  if (run.status === 'pending') return waitingText(shown)
  const spent = elapsed(run, clock)
  if (!isFinished(run)) return leftText(shown)
  if (spent === null) return ''
  return run.status === 'completed' ? words.took(formats.duration(spent)) : words.stoppedAfter(formats.duration(spent))
}

/** Why the run has not begun. */
function waitingText(shown: Shown): string {
  const { run, words, formats, clock, more } = shown
  if (Date.parse(run.runAt) > clock.now()) return words.startsAt(formats.time(run.runAt))
  return more?.waitsFor(shown) ?? words.waitingForWorker
}

function leftText({ words, formats, clock, branches }: Shown): string {
  if (branches.some(({ step }) => isLate(step, clock))) return words.longer
  const left = timeLeft(branches, clock)
  return left === null ? '' : words.left(formats.roughly(left))
}
