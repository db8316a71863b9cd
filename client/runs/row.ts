import { html, nothing } from 'lit'
import type { ListedRun, Position } from '../../db/contract.ts'
import { localized } from '../languages.ts'
import { elapsed, isFinished } from '../outline.ts'
import { fillPart } from '../parts/bar.ts'
import { statusIcon } from '../parts/icons.ts'
import type { Place } from './places.ts'
import { type RunsDoings, type ShownRuns, titleOf } from './shown.ts'

/** A run that is late by less than this is not called late. */
const LATE_MS = 2_000

/** One run: a link with a summary of its state. All rows have the same height. */
export function rowPart({ run, gone }: Place, shown: ShownRuns, doings: RunsDoings) {
  const { own, language, withActions, selected } = shown
  const title = titleOf(run, language)
  const about = [run.workflow, run.key].filter(Boolean).join(' · ')
  const now = gone === null ? nowPart(run, shown) : html`<span class="faint">${own[gone]}</span>`
  return html`
    <li class="row ${run.status} ${gone === null ? '' : 'gone'}" part="row row-${run.status}" data-run=${run.id}>
      ${withActions ? pick(run, title, selected, shown, doings) : nothing}
      <div class="who">
        <a part="link" href=${shown.hrefOf(run)} @click=${(event: MouseEvent) => doings.open(event, run)}>${title}</a>
        <small>${about}</small>
      </div>
      <div class="state">${statePart(run, shown)}</div>
      <div class="now">${now}</div>
      <div class="time">${timePart(run, shown)}</div>
    </li>
  `
}

function pick(run: ListedRun, title: string, selected: ReadonlySet<string>, { own }: ShownRuns, doings: RunsDoings) {
  const choose = ({ target }: Event) => doings.select(run.id, (target as HTMLInputElement).checked)
  return html`
    <label class="pick">
      <input type="checkbox" .checked=${selected.has(run.id)} aria-label=${own.select(title)} @change=${choose} />
    </label>
  `
}

function statePart(run: ListedRun, { words, formats }: ShownRuns) {
  const name = words.run[run.status]
  if (run.status !== 'running') return html`<span class="status">${statusIcon(run.status)}<span>${name}</span></span>`
  const percent = formats.percent(run.progress)
  return html`
    <span class="status">${statusIcon('running')}<span>${percent}<span class="vh"> ${name}</span></span></span>
    <svg class="bar" part="bar" aria-hidden="true">${fillPart(run.progress)}</svg>
  `
}

/** The run's status and its details. */
function nowPart(run: ListedRun, shown: ShownRuns) {
  const { current } = run
  const { words, formats, language } = shown
  if (run.status === 'completed') {
    const total = current?.total ?? 0
    return html`<span class="faint">${words.steps(total, formats.number(total))}</span>`
  }
  if (run.status === 'pending') return html`<span class="faint">${waitingFor(run, shown)}</span>`
  const name = localized(current?.displayNames ?? null, language, current?.displayName ?? '')
  const detail =
    run.status === 'running'
      ? runningPart(run, shown)
      : html`<small title=${run.error ?? nothing}>${run.error ?? ''}</small>`
  return html`<span class="step">${name}</span> ${detail}`
}

function waitingFor({ runAt, parkedBy }: ListedRun, { words, own, formats, clock }: ShownRuns): string {
  if (Date.parse(runAt) > clock.now()) return words.startsAt(formats.time(runAt))
  return parkedBy === null ? words.waitingForWorker : own.parked(parkedBy, formats.number(parkedBy))
}

/** If there is little room, the message is cut. */
function runningPart({ current }: ListedRun, shown: ShownRuns) {
  const { words, formats, language } = shown
  if (current === null) return html`<small></small>`
  const { number, total, messages, message } = current
  const step = number === null ? '' : words.stepOf(formats.number(number), formats.number(total))
  const said = localized(messages, language, message ?? '')
  const ahead = nextTry(current, shown) || left(current, shown)
  const parts = [
    [step, 'place'],
    [said, 'message'],
    [ahead, 'ahead'],
  ].filter(([text]) => text !== '')
  return html`
    <small class="parts" title=${said || nothing}>
      ${parts.map(([text, name], index) => html`${index > 0 ? html`<i> · </i>` : nothing}<span class=${name}>${text}</span>`)}
    </small>
  `
}

function nextTry({ nextAttemptAt }: Position, { own, formats, clock }: ShownRuns): string {
  if (nextAttemptAt === null) return ''
  const ms = Date.parse(nextAttemptAt) - clock.now()
  return ms > 0 ? own.nextTry(formats.roughly(ms)) : own.nextTrySoon
}

function left({ expectedAt }: Position, { words, formats, clock }: ShownRuns): string {
  if (expectedAt === null) return ''
  const ms = Date.parse(expectedAt) - clock.now()
  return ms > -LATE_MS ? words.left(formats.roughly(Math.max(0, ms))) : words.longer
}

function timePart(run: ListedRun, { formats, clock }: ShownRuns) {
  const ms = elapsed(run, clock)
  const at = isFinished(run) ? (run.completedAt ?? run.createdAt) : (run.startedAt ?? run.createdAt)
  return html`
    <span>${ms === null ? '–' : formats.duration(ms)}</span>
    <small><time datetime=${at}>${formats.time(at)}</time></small>
  `
}
