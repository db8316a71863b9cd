import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from '../db/client.ts'
import { type Leased, leaseKey } from '../db/engine.ts'
import type { Logger } from '../db/logger.ts'
import { flushReports, type LogEntry, type Report, type Unwritten } from '../db/reports.ts'
import { within } from '../db/within.ts'
import { Backlog } from './backlog.ts'
import { type Batch, halve, type Owner, sizeOf, type Waiting } from './batch.ts'
import { isPassing } from './fault.ts'
import type { Meter } from './meter.ts'
import type { TransactionOwner } from './transaction.ts'

/** How many flushes may run at the same time: one backend is bound by one core. */
export const FLUSHES = 4
/**
 * From this many reports and lines on, another flush beside one pays: begin and commit cost as much as twenty of them.
 */
const WORTH_ANOTHER = 100
/**
 * How long the next flush waits for more after one of a few, in times of how long that one took: Postgres writes ten in
 * less than twice the time of one, and each flush is also announced and read. As a ratio it needs no tuning, and where
 * nothing was flushed lately nothing waits. See docs/decisions/2026-11-28-pause.md.
 */
const PAUSE = 3
/** From this many on the pause shrinks as the flush grows, since there is less to gain. */
const FEW = 3
/** A flush that took long was held up by something that waiting does not help. */
const LONGEST_PAUSE_MS = 5
/** Pause after a flush that failed as a whole. */
const RETRY_MS = 100
/** Pause before another try at a run whose row somebody else has locked. */
const LOCKED_MS = 20
/** How long a step's end waits for what it reported while its own transaction may hold the run. */
const SETTLE_MS = 1_000
/** And how long while nothing at all can be written. */
const STALLED_MS = 10_000

/**
 * Writes the reports and log lines of a worker process to the database. What arrives while a flush is under way, or
 * shortly after it, waits for the next: so an idle system writes at once and a busy one batches by itself. If more
 * arrives than one flush can write, others run beside it, each with runs of its own.
 */
export class Flusher {
  readonly #db: Db
  readonly #logger: Logger
  readonly #meter: Meter
  readonly #backlog = new Backlog()
  readonly #stop = new AbortController()
  readonly #underWay = new Map<Batch, Promise<void>>()
  /** When a flush succeeded last. */
  #wroteAt = 0
  #isCalled = false
  #pause: NodeJS.Timeout | null = null

  constructor(db: Db, logger: Logger, meter: Meter) {
    this.#db = db
    this.#logger = logger
    this.#meter = meter
  }

  report(owner: Owner, report: Report): void {
    this.#backlog.addReport(owner, report)
    this.#start()
  }

  log(owner: Owner, line: LogEntry): void {
    this.#backlog.addLine(owner, line)
    this.#start()
  }

  /**
   * Resolves when everything that a step has reported so far is written, or never will be: after the run's end nothing
   * is. Gives up when nothing at all could be written for ten seconds. While the run is locked it waits on, because the
   * step's end would have to wait for that lock too; but only a second if the step has open transactions, one of which
   * may hold the lock.
   */
  async settle(
    step: number,
    { signal, transactions }: Pick<TransactionOwner, 'signal' | 'transactions'>,
    logger: Logger,
  ): Promise<void> {
    const { count } = this.#backlog
    const began = performance.now()
    let isHeld = false
    let isTold = false
    while (this.#backlog.has(step, count) || this.#isWriting(step, count)) {
      if (signal.aborted || this.#stop.signal.aborted) return
      if (isHeld && performance.now() > began + SETTLE_MS) {
        if (!isTold) logger.warn({}, 'its last reports wait for a locked run')
        isTold = true
        if (transactions.size > 0) return
      }
      if (!isHeld && performance.now() > Math.max(began, this.#wroteAt) + STALLED_MS)
        return logger.warn({}, 'its last reports cannot be written, and are given up if the run ends now')
      this.#endPause()
      // At once: what is neither under way nor resting would look as if it could be written and was not.
      this.#fill(1)
      await this.#anyDone()
      isHeld = this.#backlog.isResting(step)
      if (isHeld) await sleep(LOCKED_MS)
    }
  }

  /**
   * Resolves when what waits is written. Gives up after a second in which nothing could be, or after which only what is
   * of locked runs is left: others wait to go on with them. Call it when nothing more comes.
   */
  async drain(): Promise<void> {
    const began = performance.now()
    while (!this.#stop.signal.aborted && performance.now() < Math.max(began, this.#wroteAt) + SETTLE_MS) {
      this.#endPause()
      this.#fill(1)
      if (this.#underWay.size > 0) await this.#anyDone()
      // Nothing waits but for runs that are locked.
      else if (this.#backlog.isEmpty || performance.now() > began + SETTLE_MS) return
      else await sleep(LOCKED_MS)
    }
  }

  /** Drops what is waiting, and resolves when what is under way is done. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#endPause()
    this.#backlog.clear()
    await Promise.all(this.#underWay.values())
  }

  #start(): void {
    if (this.#isCalled || this.#pause || this.#underWay.size > 0) return
    this.#isCalled = true
    // Lets the caller first make all the reports that it makes in this turn of the event loop.
    queueMicrotask(() => {
      this.#isCalled = false
      this.#fill(1)
    })
  }

  /** Begins flushes: the first if at least this much waits. */
  #fill(least: number): void {
    while (!this.#stop.signal.aborted && this.#underWay.size < FLUSHES) {
      const batch = this.#backlog.take(this.#underWay.size === 0 ? least : WORTH_ANOTHER)
      if (sizeOf(batch) === 0) return
      this.#underWay.set(batch, this.#carry(batch))
    }
  }

  async #carry(batch: Batch): Promise<void> {
    const began = performance.now()
    await this.#flush(batch)
    this.#backlog.done(batch)
    this.#underWay.delete(batch)
    this.#fill(WORTH_ANOTHER)
    if (this.#underWay.size === 0 && !this.#stop.signal.aborted)
      this.#pauseAfter(sizeOf(batch), performance.now() - began)
  }

  #pauseAfter(size: number, tookMs: number): void {
    const pauseMs = Math.min((PAUSE * tookMs) / Math.max(1, size / FEW), LONGEST_PAUSE_MS)
    this.#pause = setTimeout(() => {
      this.#pause = null
      this.#fill(1)
    }, pauseMs)
  }

  #endPause(): void {
    if (this.#pause) clearTimeout(this.#pause)
    this.#pause = null
  }

  #isWriting(step: number, count: number): boolean {
    const isWanted = ({ entry, number }: Waiting<{ step: number | null }>) => entry.step === step && number <= count
    return [...this.#underWay.keys()].some(({ reports, lines }) => reports.some(isWanted) || lines.some(isWanted))
  }

  /** Resolves at once if nothing is under way, and after a second at most. */
  async #anyDone(): Promise<void> {
    if (this.#underWay.size > 0) await within(SETTLE_MS, Promise.race(this.#underWay.values()))
  }

  async #flush(batch: Batch): Promise<void> {
    const began = performance.now()
    try {
      const unwritten = await flushReports(
        this.#db,
        batch.reports.map(({ entry }) => entry),
        batch.lines.map(({ entry }) => entry),
      )
      this.#wroteAt = performance.now()
      this.#meter.flushed(batch.reports.length, batch.lines.length, performance.now() - began)
      if (unwritten.length > 0) this.#sortOut(batch, unwritten)
      else this.#backlog.forget(batch)
    } catch (error) {
      await this.#recover(batch, error)
    }
  }

  /**
   * After a passing fault the whole batch goes into the next flush. Else one entry is at fault, and halving finds it.
   */
  async #recover(batch: Batch, error: unknown): Promise<void> {
    const sizes = { reports: batch.reports.length, lines: batch.lines.length }
    if (isPassing(error)) {
      this.#meter.flushFailed()
      this.#logger.warn({ err: error, ...sizes }, 'a flush failed; it is merged into the next')
      this.#backlog.putBack(batch)
      await sleep(RETRY_MS)
    } else if (sizeOf(batch) > 1) {
      for (const half of halve(batch)) await this.#flush(half)
    } else {
      this.#backlog.forget(batch)
      const [only] = [...batch.reports, ...batch.lines]
      const { run, step } = only?.entry ?? {}
      this.#logger.error({ err: error, run, stepId: step }, 'a report or a log line cannot be written and is dropped')
    }
  }

  /** Stops the owners of fenced entries, and lets locked runs rest, so that they delay no other. */
  #sortOut(batch: Batch, unwritten: Unwritten[]): void {
    const outcomes = new Map(unwritten.map((leased) => [leaseKey(leased), leased.outcome]))
    const outcomeOf = ({ entry }: { entry: Leased }) => outcomes.get(leaseKey(entry))
    const isLocked = (waiting: { entry: Leased }) => outcomeOf(waiting) === 'locked'
    this.#backlog.putBack({ reports: batch.reports.filter(isLocked), lines: batch.lines.filter(isLocked) })
    this.#backlog.forget({ ...batch, lines: batch.lines.filter((line) => !isLocked(line)) })
    for (const waiting of [...batch.reports, ...batch.lines]) {
      if (outcomeOf(waiting) === 'fenced') waiting.owner.fence()
    }
    for (const { run, outcome } of unwritten) {
      if (outcome === 'locked') this.#rest(run)
      else this.#meter.fenced()
    }
  }

  #rest(run: string): void {
    this.#backlog.rest(run)
    setTimeout(() => {
      this.#backlog.wake(run)
      this.#start()
    }, LOCKED_MS)
  }
}
