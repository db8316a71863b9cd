import type { LogEntry, Report } from '../db/reports.ts'
import type { Batch, Owner, Waiting } from './batch.ts'

/** Reports and lines of one flush. */
const BATCH = 2_000
/** Lines of one run that may wait: a handler that logs faster than the database writes loses lines, not the process. */
const WAITING_LINES = 10_000

/** What waits to be written: the newest report of each step, and every line in order. */
export class Backlog {
  /** By lease and step: what an old lease has left must not mix with what the new one says. */
  readonly #reports = new Map<string, Waiting<Report>>()
  #lines: Waiting<LogEntry>[] = []
  readonly #lineCounts = new Map<string, number>()
  /** Runs to leave alone for now. */
  readonly #resting = new Set<string>()

  /** A later message replaces, progress only rises, metadata is merged. */
  addReport(owner: Owner, report: Report): void {
    const waiting = this.#reports.get(keyOf(report))?.entry
    this.#reports.set(keyOf(report), { owner, entry: waiting ? merge(waiting, report) : report })
  }

  addLine(owner: Owner, line: LogEntry): void {
    const waiting = this.#lineCounts.get(line.run) ?? 0
    if (waiting > WAITING_LINES) return
    const last = waiting === WAITING_LINES
    this.#lineCounts.set(line.run, waiting + 1)
    this.#lines.push({
      owner,
      entry: last ? { ...line, level: 'warn', message: 'Lines were dropped from here.' } : line,
    })
  }

  /** Takes what a flush may write: nothing of a resting run. */
  take(): Batch {
    const reports = [...this.#reports.values()].filter((waiting) => this.#isReady(waiting)).slice(0, BATCH)
    for (const { entry } of reports) this.#reports.delete(keyOf(entry))
    if (this.#lines.length === 0) return { reports, lines: [] }
    const lines = this.#lines.filter((waiting) => this.#isReady(waiting)).slice(0, BATCH)
    const taken = new Set(lines)
    this.#lines = this.#lines.filter((waiting) => !taken.has(waiting))
    return { reports, lines }
  }

  /** The lines of a batch are written, or given up. */
  forget({ lines }: Batch): void {
    for (const { entry } of lines) {
      const left = (this.#lineCounts.get(entry.run) ?? 0) - 1
      if (left > 0) this.#lineCounts.set(entry.run, left)
      else this.#lineCounts.delete(entry.run)
    }
  }

  /** Merges back what could not be written; what came later stays newer. */
  putBack({ reports, lines }: Batch): void {
    this.#lines = [...lines, ...this.#lines]
    for (const { owner, entry } of reports) {
      const newer = this.#reports.get(keyOf(entry))?.entry
      this.#reports.set(keyOf(entry), { owner, entry: newer ? merge(entry, newer) : entry })
    }
  }

  rest(run: string): void {
    this.#resting.add(run)
  }

  wake(run: string): void {
    this.#resting.delete(run)
  }

  has(step: number): boolean {
    if (this.#lines.some(({ entry }) => entry.step === step)) return true
    return [...this.#reports.values()].some(({ entry }) => entry.step === step)
  }

  clear(): void {
    this.#reports.clear()
    this.#lines = []
  }

  #isReady({ entry }: Waiting<Report | LogEntry>): boolean {
    return this.#resting.size === 0 || !this.#resting.has(entry.run)
  }
}

function keyOf({ lease, step }: Report): string {
  return `${lease} ${step}`
}

function merge(older: Report, newer: Report): Report {
  return {
    ...newer,
    progress: older.progress === null ? newer.progress : Math.max(older.progress, newer.progress ?? 0),
    message: newer.message ?? older.message,
    messages: newer.message === null ? older.messages : newer.messages,
    metadata:
      older.metadata && newer.metadata ? mergeJson(older.metadata, newer.metadata) : (newer.metadata ?? older.metadata),
  }
}

function mergeJson(older: string, newer: string): string {
  return JSON.stringify({ ...JSON.parse(older), ...JSON.parse(newer) })
}
