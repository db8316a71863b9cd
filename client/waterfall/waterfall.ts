import { html, nothing, svg } from 'lit'
import type { Attempt } from '../../db/contract.ts'
import { isFinished, isUnreached } from '../outline.ts'
import { statusIcon } from '../parts/icons.ts'
import { nameOfStep, type Shown } from '../parts/shown.ts'
import { moreOf } from '../words/more.ts'
import { type Axis, axisOver, type Span } from './axis.ts'
import { type Bar, barsOf, busyIn, type Piece } from './bars.ts'
import { labelsOf } from './labels.ts'
import { timesOf } from './times.ts'

/** The least width of a piece, in percent, so that it is visible. */
const NARROWEST = 0.6
const MANY = 60
/** The legend lists those that occur, in this order. */
const KINDS: readonly Piece['kind'][] = ['queued', 'running', 'completed', 'failed', 'skipped', 'cancelled', 'waited']

/** Failed pieces are distinguished by more than their colour. */
const HATCH = svg`
  <pattern id="failed" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
    <rect class="ground" width="5" height="5" /><rect class="stripe" width="1.5" height="5" />
  </pattern>`

/** When each step queued, waited and ran, on one axis: a table for screen readers, bars for the eye. */
export function waterfallPart(shown: Shown) {
  const { run, branches, clock, view } = shown
  const more = moreOf(shown.words)
  const attempts = shown.more?.details?.run.id === run.id ? (shown.more.details?.attempts ?? []) : []
  const byStep = Map.groupBy(attempts, ({ stepId }) => stepId)
  const now = isFinished(run) ? Date.parse(run.completedAt ?? '') : clock.now()
  const told = { run, now, attemptsOf: (step: number) => byStep.get(step) ?? [], isOpen: shown.isOpen }
  const bars = barsOf(branches, told)
  const axis = axisOver(spanOf(shown, bars, attempts, now), busyIn(bars))
  const columns = [more.stepColumn, more.started, more.queued, more.waited, more.ran]
  return html`
    <section class="fall ${view.steps.length > MANY ? 'many' : ''}" part="waterfall" aria-label=${more.timelineOf}>
      ${spanChooser(shown, [...byStep.values()])} ${axisPart(axis, shown)}
      <div role="table" aria-label=${more.timelineOf}>
        <div role="row" class="vh">${columns.map((text) => html`<span role="columnheader">${text}</span>`)}</div>
        ${bars.map((bar) => barPart(bar, axis, shown))}
      </div>
      ${legendPart(bars, shown)}
    </section>
  `
}

function legendPart(bars: readonly Bar[], { words }: Shown) {
  const { queued, waited } = moreOf(words)
  const said: Record<Piece['kind'], string> = { ...words.step, queued, waited }
  const seen = new Set(bars.flatMap(({ pieces }) => pieces.map(({ kind }) => kind)))
  const keys = KINDS.filter((kind) => seen.has(kind))
  return html`
    <p class="legend" aria-hidden="true">
      ${keys.map((kind) => html`<span class="key"><svg>${rectOf(kind, 0, 100)}</svg>${said[kind]}</span>`)}
    </p>
  `
}

/** The time of the whole run, or of the selected attempt. */
function spanOf({ run, more }: Shown, bars: readonly Bar[], attempts: readonly Attempt[], now: number): Span {
  const chosen = more?.chosen
  const one = attempts.find(({ stepId, attempt }) => stepId === chosen?.step && attempt === chosen.attempt)
  if (one) return { from: Date.parse(one.startedAt), to: one.completedAt === null ? now : Date.parse(one.completedAt) }
  const pieces = bars.flatMap((bar) => bar.pieces)
  const from = Math.min(Date.parse(run.startedAt ?? run.createdAt), ...pieces.map((piece) => piece.from))
  return { from, to: Math.max(from + 1, ...pieces.map((piece) => piece.to), isFinished(run) ? 0 : now) }
}

function spanChooser({ words, formats, language, more, view }: Shown, byStep: readonly Attempt[][]) {
  const said = moreOf(words)
  const tried = byStep.filter(({ length }) => length > 1).flat()
  if (tried.length === 0 || !more) return nothing
  const names = new Map(view.steps.map((step) => [step.id, nameOfStep(step, language)]))
  const choose = ({ target }: Event) => {
    const [step, attempt] = (target as HTMLSelectElement).value.split(' ').map(Number)
    more.choose(step && attempt ? { step, attempt } : null)
  }
  const isChosen = (one: Attempt) => one.stepId === more.chosen?.step && one.attempt === more.chosen.attempt
  return html`
    <select aria-label=${said.span} @change=${choose}>
      <option value="" .selected=${more.chosen === null}>${said.wholeRun}</option>
      ${tried.map(
        (one) => html`
          <option value="${one.stepId} ${one.attempt}" .selected=${isChosen(one)}>
            ${names.get(one.stepId)}, ${said.attempt(formats.number(one.attempt))}
          </option>
        `,
      )}
    </select>
  `
}

function axisPart(axis: Axis, { formats, words }: Shown) {
  const { ticks, folds } = labelsOf(axis)
  const tight = (isTight: boolean) => (isTight ? 'tight' : '')
  return html`
    <div class="axis" aria-hidden="true">
      <span></span>
      <svg class="marks">
        ${HATCH}
        ${ticks.map(({ at, afterMs, isTight }) => svg`<text class=${tight(isTight)} x="${at}%" y="12" text-anchor=${at === 0 ? 'start' : at > 95 ? 'end' : 'middle'}>${formats.typical(afterMs)}</text>`)}
        ${folds.map(({ at, from, to, isTight }) => svg`<text class="fold-mark ${tight(isTight)}" x="${at}%" y="12" text-anchor="middle">⋯<title>${moreOf(words).idle(formats.duration(to - from))}</title></text>`)}
      </svg>
    </div>
  `
}

function barPart(bar: Bar, axis: Axis, shown: Shown) {
  const { step, depth } = bar
  const { words, language, run } = shown
  const isLeft = isUnreached(step, run)
  return html`
    <div role="row" class="lane d${Math.min(depth, 6)}" part="lane">
      <span role="rowheader">
        ${statusIcon(isLeft ? 'skipped' : step.status)}<bdi>${nameOfStep(step, language)}</bdi><span class="vh">, ${isLeft ? words.notReached : words.step[step.status]}</span>
      </span>
      ${timesOf(bar, axis, shown).map((text) => html`<span role="cell" class="vh">${text}</span>`)}
      <svg aria-hidden="true">
        <line x1="0" x2="100%" y1="5" y2="5" />
        ${axis.folds.map(({ at }) => svg`<circle cx="${at}%" cy="5" r="2.5" />`)}
        ${bar.pieces.map((piece) => piecePart(piece, axis))}
      </svg>
    </div>
  `
}

function piecePart({ kind, from, to }: Piece, { at, span }: Axis) {
  if (to < span.from || from > span.to) return nothing
  const [start, end] = [at(from), at(to)]
  const width = Math.max(NARROWEST, end - start)
  return rectOf(kind, Math.min(start, 100 - width), width)
}

function rectOf(kind: Piece['kind'], start: number, width: number) {
  const isThin = kind === 'queued' || kind === 'waited'
  return svg`<rect class=${kind} x="${start}%" width="${width}%" y=${isThin ? 3 : 0} height=${isThin ? 4 : 10} rx=${isThin ? 1 : 3} />`
}

export { waterfallStyles } from './styles.ts'
