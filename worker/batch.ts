import type { LogEntry, Report } from '../db/reports.ts'

/** Whom a report or a line is from. */
export interface Owner {
  /** Called when the lease is found to be stale. */
  fence(): void
}

export interface Waiting<T> {
  owner: Owner
  entry: T
}

/** What goes to the database at once. */
export interface Batch {
  reports: Waiting<Report>[]
  lines: Waiting<LogEntry>[]
}

/** Statements at the same time that write one batch. */
export const PORTIONS = 4
/** Entries from which on a statement of their own pays: it costs as much as twenty of them. */
const PORTION = 128

export function sizeOf({ reports, lines }: Batch): number {
  return reports.length + lines.length
}

/** A batch as portions to be written at the same time; all of one run is in one of them, in its order. */
export function portion(batch: Batch): Batch[] {
  const count = Math.min(PORTIONS, Math.floor(sizeOf(batch) / PORTION))
  if (count < 2) return [batch]
  const portions: Batch[] = Array.from({ length: count }, () => ({ reports: [], lines: [] }))
  const ofRun = new Map<string, Batch>()
  const portionOf = (run: string) => {
    const known = ofRun.get(run) ?? (portions[ofRun.size % count] as Batch)
    ofRun.set(run, known)
    return known
  }
  for (const report of batch.reports) portionOf(report.entry.run).reports.push(report)
  for (const line of batch.lines) portionOf(line.entry.run).lines.push(line)
  return portions.filter((part) => sizeOf(part) > 0)
}

/** To find the entry that is at fault. */
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
