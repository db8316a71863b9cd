const HOUR = 3_600_000

export const PERIODS = ['24h', '7d', '30d', 'all'] as const

/** The period that statistics are shown for. */
export type Period = (typeof PERIODS)[number]

/**
 * When a period begins: on the reader's hour, which is not UTC's everywhere, or at the reader's midnight, so that the
 * first column is as wide as the others.
 */
export function beginOf(period: Period, now = new Date()): string | null {
  if (period === 'all') return null
  if (period === '24h') return new Date(new Date(now).setMinutes(0, 0, 0) - 23 * HOUR).toISOString()
  const days = period === '30d' ? 30 : 7
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - days + 1).toISOString()
}

/** The reader's time zone, as the server knows it. */
export function zoneOfReader(): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
  return /^[A-Za-z][\w+-]*(\/[\w+-]+)*$/.test(timeZone ?? '') ? timeZone : 'UTC'
}
