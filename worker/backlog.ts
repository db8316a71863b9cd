import type { LogEntry, Report } from '../db/reports.ts'
import type { Batch, Owner, Waiting } from './batch.ts'
import { Metadata } from './metadata.ts'

/**
 * The most reports of one flush. More would not make each cheaper for Postgres, and from some 250 on Postgres gets the
 * memory from the system and returns it each time.
 */
const REPORTS = 200
const LINES = 500
/** The most text of one flush, in UTF-16 units, of reports and of lines: it holds its runs while Postgres writes it. */
const TEXT = 512 * 1024
/**
 * Lines of one run that may wait, and their text in UTF-16 units: a handler that logs faster than the database writes
 * loses lines, not the process.
 */
const WAITING_LINES = 10_000
const WAITING_TEXT = 32 * 1024 * 1024

/** The lines of a run that wait. */
interface Waits {
  lines: number
  text: number
  /** The last of them says that lines are dropped from there. */
  isFull: boolean
}

/** A report that waits; its metadata is an object if it was merged. */
interface Gathered extends Omit<Report, 'metadata'> {
  metadata: string | Metadata | null
}

/** What waits to be written: the newest report of each step, and every line in order. */
export class Backlog {
  /** How many reports and lines came so far. */
  count = 0
  /** By lease and step: reports under an old lease must not mix with those under the new one. */
  readonly #reports = new Map<string, Waiting<Gathered>>()
  #lines: Waiting<LogEntry>[] = []
  readonly #waits = new Map<string, Waits>()
  /** Runs to leave alone for now. */
  readonly #resting = new Set<string>()
  /** Runs that a flush is writing: a second statement would find them locked. */
  readonly #writing = new Set<string>()

  /** A later message replaces, progress only rises, metadata is merged. */
  addReport(owner: Owner, report: Report): void {
    this.count += 1
    const key = keyOf(report)
    const waiting = this.#reports.get(key)
    const entry = waiting ? merge(waiting.entry, report) : report
    this.#reports.set(key, { owner, entry, number: waiting?.number ?? this.count })
  }

  addLine(owner: Owner, line: LogEntry): void {
    const { lines, text, isFull } = this.#waits.get(line.run) ?? { lines: 0, text: 0, isFull: false }
    if (isFull) return
    const isLast = lines === WAITING_LINES || text > WAITING_TEXT
    const entry: LogEntry = isLast ? { ...line, level: 'warn', message: 'Lines were dropped from here.' } : line
    this.#waits.set(line.run, { lines: lines + 1, text: text + lengthOf(entry), isFull: isLast })
    this.count += 1
    this.#lines.push({ owner, entry, number: this.count })
  }

  /**
   * Takes what one flush writes, or nothing if that is less than `least`. Its runs are left alone until `done`.
   */
  take(least: number): Batch {
    const gathered = this.#ready(this.#reports.values(), REPORTS)
    const lines = this.#ready(this.#lines, LINES)
    if (gathered.length + lines.length < least) return { reports: [], lines: [] }
    for (const { entry } of gathered) this.#reports.delete(keyOf(entry))
    const reports = gathered.map((waiting) => ({ ...waiting, entry: written(waiting.entry) }))
    if (lines.length > 0) {
      const taken = new Set(lines)
      this.#lines = this.#lines.filter((waiting) => !taken.has(waiting))
    }
    for (const run of runsOf({ reports, lines })) this.#writing.add(run)
    return { reports, lines }
  }

  /** Called after the batch's flush, whatever its outcome. */
  done(batch: Batch): void {
    for (const run of runsOf(batch)) this.#writing.delete(run)
  }

  /** Forgets the lines of a batch, which are written or given up. */
  forget({ lines }: Batch): void {
    for (const { entry } of lines) {
      const waits = this.#waits.get(entry.run)
      if (!waits || waits.lines === 1) this.#waits.delete(entry.run)
      else this.#waits.set(entry.run, { lines: waits.lines - 1, text: waits.text - lengthOf(entry), isFull: false })
    }
  }

  /** Merges back what could not be written; what arrived later stays newer. */
  putBack({ reports, lines }: Batch): void {
    this.#lines = [...lines, ...this.#lines]
    for (const { owner, entry, number } of reports) {
      const newer = this.#reports.get(keyOf(entry))?.entry
      this.#reports.set(keyOf(entry), { owner, entry: newer ? merge(entry, newer) : entry, number })
    }
  }

  rest(run: string): void {
    this.#resting.add(run)
  }

  wake(run: string): void {
    this.#resting.delete(run)
  }

  /** Whether something of a step waits that was among the first `count`. */
  has(step: number, count: number): boolean {
    return this.#find(step, count) !== undefined
  }

  /** Whether something of a step waits because its run is left alone. */
  isResting(step: number): boolean {
    const waiting = this.#find(step)
    return waiting !== undefined && this.#resting.has(waiting.run)
  }

  get isEmpty(): boolean {
    return this.#reports.size === 0 && this.#lines.length === 0
  }

  clear(): void {
    this.#reports.clear()
    this.#lines = []
  }

  #find(step: number, count = this.count): Gathered | LogEntry | undefined {
    const isWanted = ({ entry, number }: Waiting<Gathered | LogEntry>) => entry.step === step && number <= count
    return (this.#lines.find(isWanted) ?? [...this.#reports.values()].find(isWanted))?.entry
  }

  #ready<T extends Gathered | LogEntry>(all: Iterable<Waiting<T>>, most: number): Waiting<T>[] {
    const ready: Waiting<T>[] = []
    let text = 0
    for (const waiting of all) {
      if (ready.length === most || text >= TEXT) break
      const { run } = waiting.entry
      if (this.#writing.has(run) || this.#resting.has(run)) continue
      ready.push(waiting)
      text += lengthOf(waiting.entry)
    }
    return ready
  }
}

function runsOf({ reports, lines }: Batch): string[] {
  return [...reports, ...lines].map(({ entry }) => entry.run)
}

function keyOf({ lease, step }: Pick<Report, 'lease' | 'step'>): string {
  return `${lease} ${step}`
}

function lengthOf(entry: Gathered | LogEntry): number {
  const message = entry.message?.length ?? 0
  return 'level' in entry ? message : message + (entry.messages?.length ?? 0) + (entry.metadata?.length ?? 0)
}

function merge(older: Gathered, newer: Gathered): Gathered {
  return {
    ...newer,
    progress: older.progress === null ? newer.progress : Math.max(older.progress, newer.progress ?? 0),
    message: newer.message ?? older.message,
    messages: newer.message === null ? older.messages : newer.messages,
    metadata:
      older.metadata && newer.metadata ? join(older.metadata, newer.metadata) : (newer.metadata ?? older.metadata),
  }
}

function join(older: string | Metadata, newer: string | Metadata): Metadata {
  return (typeof older === 'string' ? new Metadata(older) : older).merge(String(newer))
}

function written(report: Gathered): Report {
  return { ...report, metadata: report.metadata === null ? null : String(report.metadata) }
}
