import { html } from 'lit'
import type { TrendUnit } from '../../db/contract.ts'
import { write } from '../durations.ts'
import { type Formats, formatsFor } from '../formats.ts'
import type { StatsWords } from './words/words.ts'

/** With fewer completed runs a median says nothing; the estimates of steps need as many. */
export const FEWEST_FOR_P50 = 5
/** With fewer, the 95th percentile is the slowest run. */
export const FEWEST_FOR_P95 = 20

/** How numbers are written for readers of one language. */
export interface Speech {
  words: StatsWords
  /** The language of texts that come from workflows. */
  language: string
  formats: Formats
  /** Milliseconds, to the millisecond below a second. */
  ms(ms: number): string
  /** From 0 to 1, to a tenth of a percent; 100 % only of all, 0 % only of none. */
  rate(rate: number): string
  /** The time of a point of a trend. */
  moment(iso: string, unit: TrendUnit): string
  /** To the minute, with the date. */
  time(iso: string): string
}

const known = new Map<string, Omit<Speech, 'words' | 'language'>>()

export function speechFor(words: StatsWords, written: string, language: string): Speech {
  const speech = known.get(written) ?? makeSpeech(written)
  known.set(written, speech)
  return { ...speech, words, language }
}

function makeSpeech(language: string): Omit<Speech, 'words' | 'language'> {
  const formats = formatsFor(language)
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { hourCycle: 'h23', ...options })
  // Three days may be shown in hours, and two years in weeks.
  const moments = {
    hour: format({ weekday: 'short', hour: 'numeric', minute: 'numeric' }),
    day: format({ month: 'short', day: 'numeric' }),
    week: format({ dateStyle: 'medium' }),
    month: format({ month: 'short', year: 'numeric' }),
  }
  const time = format({ dateStyle: 'medium', timeStyle: 'short' })
  return {
    formats,
    ms: (ms) =>
      ms < 1_000 ? write(language, 'millisecond', ms) : ms % 1_000 === 0 ? formats.typical(ms) : formats.duration(ms),
    rate: (rate) => percent.format(rate % 1 ? Math.min(Math.max(rate, 0.001), 0.999) : rate),
    moment: (iso, unit) => moments[unit].format(new Date(iso)),
    time: (iso) => time.format(new Date(iso)),
  }
}

/** A number with its exact value, however it is rounded for reading. */
export function exactly(value: number | null, text: (value: number) => string) {
  return value === null ? '–' : html`<data value=${value}>${text(value)}</data>`
}
