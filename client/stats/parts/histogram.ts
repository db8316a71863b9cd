import { html, nothing } from 'lit'
import type { DurationBucket, Stats } from '../../../db/contract.ts'
import { exactly, type Speech } from '../speech.ts'
import { columnsPart } from './columns.ts'
import { figurePart, tablePart } from './figure.ts'
import { type Spread, standing } from './rows.ts'

/** How many completed runs took how long. */
export function histogramPart({ durations, total }: Stats, speech: Speech) {
  const { words } = speech
  return figurePart({
    id: 'durations',
    heading: words.durations,
    asTable: words.asTable,
    ...histogramOf(words.durations, durations, total, speech),
  })
}

/** A histogram with a description of its data, and the same data as a table. */
export function histogramOf(caption: string, durations: DurationBucket[], spread: Spread, speech: Speech) {
  const { words, formats } = speech
  const max = Math.max(0, ...durations.map(({ runs }) => runs))
  const { completed } = spread
  const { p50, p95 } = standing(spread)
  const n = formats.number(completed)
  const counted = p50 === null ? words.tooFew(completed, n) : words.completedRuns(completed, n)
  return {
    about: html`${counted} ${p50 === null ? nothing : html`<span class="key p50">p50 ${speech.ms(p50)}</span>`}
      ${p95 === null ? nothing : html`<span class="key p95">p95 ${speech.ms(p95)}</span>`}`,
    chart: max === 0 ? nothing : chartPart(durations, max, { p50, p95 }, speech),
    table: max === 0 ? null : tableOf(caption, durations, speech),
  }
}

function chartPart(durations: DurationBucket[], max: number, marks: Record<string, number | null>, speech: Speech) {
  return columnsPart({
    columns: durations.map(({ runs }) => [{ kind: 'plain', from: 0, to: runs }]),
    max,
    maxLabel: speech.formats.number(max),
    marks: Object.entries(marks).flatMap(([kind, ms]) => (ms === null ? [] : [{ kind, at: placeOf(ms, durations) }])),
    labels: labelsOf(durations, speech),
  })
}

function tableOf(caption: string, durations: DurationBucket[], speech: Speech) {
  const { words, formats } = speech
  return tablePart(
    caption,
    [words.duration, words.completed],
    durations.map((bucket) => [spanOf(bucket, speech), exactly(bucket.runs, formats.number)]),
  )
}

/** The position of a duration, in columns from the left; a bucket is divided evenly. */
function placeOf(ms: number, durations: DurationBucket[]): number {
  const index = durations.findIndex(({ below }) => below === null || ms < below)
  const { atLeast = 0, below = null } = durations[index] ?? {}
  return index + (below === null ? 0 : (ms - atLeast) / (below - atLeast))
}

function spanOf({ atLeast, below }: DurationBucket, { ms, words }: Speech): string {
  return below === null ? words.orMore(ms(atLeast)) : `${ms(atLeast)} – ${ms(below)}`
}

/** The start of the first column, the start of the middle one, and the end of the last. */
function labelsOf(durations: DurationBucket[], { ms }: Speech): [string, string, string] {
  const middle = durations[Math.floor(durations.length / 2)]
  const last = durations.at(-1)
  return [ms(durations[0]?.atLeast ?? 0), ms(middle?.atLeast ?? 0), last?.below == null ? '…' : ms(last.below)]
}
