const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** From…to, in milliseconds since 1970. */
export interface Span {
  from: number
  to: number
}

/** A stretch in which nothing ran, shortened. */
interface Fold extends Span {
  /** The position of its middle, in percent. */
  at: number
}

/** Maps times to positions from 0 to 100 percent. */
export interface Axis {
  span: Span
  folds: Fold[]
  /** Percent; a time outside the axis is at its nearer end. */
  at(time: number): number
  /** The marks of the axis: at most a fixed number, with one at the start. */
  ticks: { at: number; afterMs: number }[]
}

/** Idle time is folded if it is longer than this share of the busy time… */
const WORTH_FOLDING = 0.25
/** …and longer than this. */
const SHORTEST_FOLD_MS = 2 * SECOND
/** The width of a fold, as a share of the busy time. */
const FOLDED = 0.05
const TICKS = 5
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30]
  .map((s) => s * SECOND)
  .concat(
    [1, 2, 5, 10, 15, 30].map((m) => m * MINUTE),
    [1, 2, 6, 12].map((h) => h * HOUR),
    [1, 2, 7, 30, 100, 365].map((d) => d * DAY),
  )

/** An axis over `span` in which long stretches without anything in `busy` are folded. */
export function axisOver(span: Span, busy: readonly Span[]): Axis {
  const idle = idleIn(span, busy)
  const total = Math.max(1, span.to - span.from)
  const busyMs = Math.max(1, total - idle.reduce((sum, { from, to }) => sum + to - from, 0))
  const longest = Math.max(SHORTEST_FOLD_MS, busyMs * WORTH_FOLDING)
  const folded = idle.filter(({ from, to }) => to - from > longest)
  const foldedMs = busyMs * FOLDED
  const length = total - folded.reduce((sum, { from, to }) => sum + to - from - foldedMs, 0)
  const at = (time: number) => {
    let reached = Math.min(Math.max(time, span.from), span.to) - span.from
    for (const { from, to } of folded) {
      if (time >= to) reached -= to - from - foldedMs
      else if (time > from) reached -= (time - from) * (1 - foldedMs / (to - from))
    }
    return (reached / length) * 100
  }
  const folds = folded.map((fold) => ({ ...fold, at: (at(fold.from) + at(fold.to)) / 2 }))
  return { span, folds, at, ticks: ticksOf(span, folded, length, at) }
}

function idleIn(span: Span, busy: readonly Span[]): Span[] {
  const idle: Span[] = []
  let reached = span.from
  for (const { from, to } of busy.toSorted((a, b) => a.from - b.from)) {
    if (from > reached) idle.push({ from: reached, to: Math.min(from, span.to) })
    reached = Math.max(reached, to)
  }
  if (reached < span.to) idle.push({ from: reached, to: span.to })
  return idle.filter(({ from, to }) => to > from)
}

function ticksOf({ from, to }: Span, folds: readonly Span[], length: number, at: (time: number) => number) {
  const step = STEPS.find((ms) => length / ms <= TICKS) ?? length
  const found = [{ at: 0, afterMs: 0 }]
  for (let time = from + step; time <= to; time += step) {
    const fold = folds.find((each) => time > each.from && time < each.to)
    // Marks for times inside a fold would all be in one place.
    if (fold) time = from + Math.floor((fold.to - from) / step) * step
    else if (at(time) - (found.at(-1)?.at ?? 0) > 100 / TICKS / 2) found.push({ at: at(time), afterMs: time - from })
  }
  return found
}
