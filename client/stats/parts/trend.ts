import { html, nothing } from 'lit'
import type { Stats, TrendPoint } from '../../../db/contract.ts'
import { exactly, FEWEST_FOR_P50, type Speech } from '../speech.ts'
import { columnsPart } from './columns.ts'
import { figurePart, tablePart } from './figure.ts'

/** How many runs ended in each interval, and how. */
export function countsPart({ trend }: Stats, speech: Speech) {
  const { words, formats } = speech
  const { points, unit } = trend
  const max = Math.max(...points.map(({ runs }) => runs))
  return figurePart({
    id: 'counts',
    heading: words.runsPer[unit],
    about: html`<span class="key completed">${words.completed}</span> <span class="key failed">${words.failed}</span>
      <span class="key cancelled">${words.cancelled}</span>`,
    chart: columnsPart({
      columns: points.map(({ completed, failed, cancelled }) => [
        { kind: 'completed', from: 0, to: completed },
        { kind: 'failed', from: completed, to: completed + failed },
        { kind: 'cancelled', from: completed + failed, to: completed + failed + cancelled },
      ]),
      max,
      maxLabel: formats.number(max),
      labels: labelsOf(trend, speech),
    }),
    asTable: words.asTable,
    table: tablePart(
      words.runsPer[unit],
      [words.time, words.runs, words.completed, words.failed, words.cancelled, words.successRate],
      points.map(({ at, runs, completed, failed, cancelled, successRate }) => [
        speech.moment(at, unit),
        ...[runs, completed, failed, cancelled].map((count) => exactly(count, formats.number)),
        exactly(successRate, speech.rate),
      ]),
    ),
  })
}

/** How long completed runs took in each interval: p50 to p95, if there are enough of them. */
export function timesPart({ trend, total }: Stats, speech: Speech) {
  const { words, formats } = speech
  const { points, unit } = trend
  const p95Of = (point: TrendPoint) => (hasPercentiles(point) ? (point.p95Duration ?? 0) : 0)
  const max = Math.max(...points.map(p95Of))
  return figurePart({
    id: 'times',
    heading: words.timesPer[unit],
    about:
      max === 0
        ? words.tooFew(total.completed, formats.number(total.completed))
        : html`<span class="key range">${words.p50ToP95}</span>`,
    chart:
      max === 0
        ? nothing
        : columnsPart({
            columns: points.map((point) => [
              { kind: 'range', from: hasPercentiles(point) ? (point.p50Duration ?? 0) : 0, to: p95Of(point) },
            ]),
            ticks: points.map((point) => (hasPercentiles(point) ? point.p50Duration : null)),
            max,
            maxLabel: speech.ms(max),
            labels: labelsOf(trend, speech),
          }),
    asTable: words.asTable,
    table: tablePart(
      words.timesPer[unit],
      [words.time, 'p50', 'p95', words.completed],
      points.map((point) => [
        speech.moment(point.at, unit),
        ...(hasPercentiles(point) ? [point.p50Duration, point.p95Duration] : [null, null]).map((ms) =>
          exactly(ms, speech.ms),
        ),
        exactly(point.completed, formats.number),
      ]),
    ),
  })
}

function hasPercentiles({ completed }: TrendPoint): boolean {
  return completed >= FEWEST_FOR_P50
}

function labelsOf({ points, unit }: Stats['trend'], speech: Speech): [string, string, string] {
  const label = (at: number) => speech.moment(points[at]?.at ?? '', unit)
  return [label(0), label(Math.floor(points.length / 2)), label(points.length - 1)]
}
