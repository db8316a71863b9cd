/** Not in TypeScript's types yet. */
interface DurationFormat {
  format(duration: Record<string, number>): string
}
type Maker = new (language: string, options: { style: string; secondsDisplay?: string }) => DurationFormat

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** By language: creating one takes longer than drawing a lane. */
const formats = new Map<string, DurationFormat>()

/**
 * Milliseconds in full words, for screen readers: `1 minute, 12 seconds`; `fallback` if the browser has no words for
 * it.
 */
export function spoken(language: string, ms: number, fallback: (ms: number) => string): string {
  const { DurationFormat: Format } = Intl as typeof Intl & { DurationFormat?: Maker }
  if (!Format || ms < SECOND) return fallback(ms)
  const parts = {
    hours: Math.floor(ms / HOUR),
    minutes: Math.floor((ms % HOUR) / MINUTE),
    seconds: Math.floor((ms % MINUTE) / SECOND),
  }
  const format = formats.get(language) ?? new Format(language, { style: 'long' })
  formats.set(language, format)
  return format.format(parts)
}
