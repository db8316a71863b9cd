import ms, { type StringValue } from 'ms'

/** A string such as `'10m'`, `'1.5 h'` or `'500ms'`, as the package `ms` reads it, or a number of milliseconds. */
export type Duration = StringValue | number

const DAY = 24 * 3_600_000
/** A thousand years: every time computed from it is one that Postgres and JavaScript can represent. */
const LONGEST_MS = 1_000 * 365.25 * DAY

/** A duration in whole milliseconds. Throws a TypeError that says `what` the duration was for. */
export function milliseconds(duration: Duration, what: string): number {
  const value = typeof duration === 'number' ? duration : readText(duration)
  if (value > LONGEST_MS) throw new TypeError(`${what} must be 1,000 years at most, not ${duration}`)
  if (Number.isFinite(value) && value > 0) return Math.ceil(value)
  throw new TypeError(`${what} must be above 0: a number of milliseconds or a text such as '10m', not ${duration}`)
}

/** NaN for what is not a duration. For some of these `ms` throws, without saying what the duration was for. */
function readText(duration: StringValue): number {
  try {
    return ms(duration)
  } catch {
    return Number.NaN
  }
}
