import { duration, roughly, typical } from './durations.ts'

/** Numbers and times in the format of one language. */
export interface Formats {
  language: string
  duration(ms: number): string
  typical(ms: number): string
  roughly(ms: number): string
  /** `progress`: 0–100. */
  percent(progress: number): string
  number(value: number): string
  /** Clock time, with the date unless it is today. */
  time(iso: string): string
  /** Only the clock time. */
  clock(iso: string): string
}

const cache = new Map<string, Formats>()

export function formatsFor(language: string): Formats {
  const formats = cache.get(language) ?? makeFormats(language)
  cache.set(language, formats)
  return formats
}

function makeFormats(language: string): Formats {
  const number = new Intl.NumberFormat(language)
  const percent = new Intl.NumberFormat(language, { style: 'percent' })
  const clock = new Intl.DateTimeFormat(language, { timeStyle: 'medium', hourCycle: 'h23' })
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' })
  return {
    language,
    duration: (ms) => duration(language, ms),
    typical: (ms) => typical(language, ms),
    roughly: (ms) => roughly(language, ms),
    percent: (progress) => percent.format(progress / 100),
    number: (value) => number.format(value),
    time: (iso) => (isToday(new Date(iso)) ? clock : date).format(new Date(iso)),
    clock: (iso) => clock.format(new Date(iso)),
  }
}

function isToday(date: Date): boolean {
  return date.toDateString() === new Date().toDateString()
}
