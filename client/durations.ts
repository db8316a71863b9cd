const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const NO_BREAK_SPACE = '\u00a0'

type Unit = 'day' | 'hour' | 'minute' | 'second' | 'millisecond'

/**
 * Of milliseconds: `3.1 s` below ten seconds, then `43 s`, `1 min 12 s`, `2 h 5 min`, `3 d 4 h`; cut off, not rounded.
 */
export function duration(language: string, ms: number): string {
  if (ms < 10 * SECOND) return write(language, 'second', Math.floor(ms / 100) / 10, 1)
  if (ms < MINUTE) return write(language, 'second', Math.floor(ms / SECOND))
  if (ms < HOUR) return writeTwo(language, ms, 'minute', MINUTE, 'second', SECOND)
  if (ms < DAY) return writeTwo(language, ms, 'hour', HOUR, 'minute', MINUTE)
  return writeTwo(language, ms, 'day', DAY, 'hour', HOUR)
}

/** A typical one: `0.2 s` below a second, then whole seconds. */
export function typical(language: string, ms: number): string {
  if (ms === 0) return write(language, 'second', 0)
  if (ms < SECOND) return duration(language, ms)
  const rounded = Math.round(ms / SECOND) * SECOND
  return rounded < 10 * SECOND ? write(language, 'second', rounded / SECOND) : duration(language, rounded)
}

/** An estimate that claims no more than it knows: to fives from ten seconds on, to half minutes, to minutes. */
export function roughly(language: string, ms: number): string {
  const grain = ms < 10 * SECOND ? SECOND : ms < MINUTE ? 5 * SECOND : ms < 5 * MINUTE ? MINUTE / 2 : MINUTE
  return typical(language, Math.max(grain, Math.round(ms / grain) * grain))
}

function writeTwo(language: string, ms: number, large: Unit, inLarge: number, small: Unit, inSmall: number): string {
  const rest = Math.floor((ms % inLarge) / inSmall)
  const first = write(language, large, Math.floor(ms / inLarge))
  return rest === 0 ? first : `${first} ${write(language, small, rest)}`
}

/**
 * Number and unit with a space between them that does not break. Unit by unit and not by `Intl.DurationFormat`, which
 * drops zeros, has no one decimal without milliseconds, runs `3s` together and is missing in browsers still in use.
 */
export function write(language: string, unit: Unit, value: number, digits = 0): string {
  const parts = formatOf(language, unit, digits).formatToParts(value)
  const at = parts.findIndex(({ type }) => type === 'unit')
  const number = parts.filter(({ type }) => type !== 'unit' && type !== 'literal').map((part) => part.value)
  const words = [number.join(''), parts[at]?.value ?? '']
  return (at === 0 ? words.reverse() : words).join(NO_BREAK_SPACE)
}

const formats = new Map<string, Intl.NumberFormat>()

function formatOf(language: string, unit: Unit, digits: number): Intl.NumberFormat {
  const name = `${language} ${unit} ${digits}`
  // minutes and milliseconds, whose narrow forms are a bare `m` and, in Chinese too, `ms`
  const unitDisplay = unit.startsWith('mi') ? 'short' : 'narrow'
  const known = formats.get(name)
  const format =
    known ?? new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay, minimumFractionDigits: digits })
  formats.set(name, format)
  return format
}
