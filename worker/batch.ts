import type { LogEntry, Report } from '../db/reports.ts'

/** The source of a report or a line. */
export interface Owner {
  /** Called when the lease is found to be stale. */
  fence(): void
}

export interface Waiting<T> {
  owner: Owner
  entry: T
  /** Its place among all that came; of reports that were merged, that of the first. */
  number: number
}

/** What goes to the database in one flush. */
export interface Batch {
  reports: Waiting<Report>[]
  lines: Waiting<LogEntry>[]
}

export function sizeOf({ reports, lines }: Batch): number {
  return reports.length + lines.length
}

/** Used to find the entry that is at fault. */
export function halve({ reports, lines }: Batch): Batch[] {
  const [half, rest] = [Math.ceil(reports.length / 2), Math.ceil(lines.length / 2)]
  if (reports.length > 0 && lines.length > 0)
    return [
      { reports, lines: [] },
      { reports: [], lines },
    ]
  return [
    { reports: reports.slice(0, half), lines: lines.slice(0, rest) },
    { reports: reports.slice(half), lines: lines.slice(rest) },
  ]
}
