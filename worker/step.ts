import { retrying } from '../db/call.ts'
import type { JsonObject, Localized, LogLevel } from '../db/contract.ts'
import type { Failure, StepInfo } from '../db/engine.ts'
import { type Logger, withFields } from '../db/logger.ts'
import type { Attempt } from './attempt.ts'
import type { BaseContext, ProgressReport, StepContext, SubstepContext } from './context.ts'
import { describeFailure } from './failure.ts'
import { isFenced, isPassing } from './fault.ts'
import type { Holding } from './holding.ts'
import type { AttemptOutcome } from './meter.ts'
import { whatIs } from './outcome.ts'
import { serialize } from './output.ts'
import type { Part, StepServices } from './part.ts'
import { languages } from './register.ts'
import { Skipped } from './skip.ts'
import { runSubstep } from './substep.ts'
import { clean, cut } from './text.ts'
import type { Trace } from './trace.ts'
import { Transaction } from './transaction.ts'
import { InDoubt } from './transaction-errors.ts'

const LINE_LENGTH = 16 * 1024
/** Sub-steps that a line names. */
const NAMED = 10
const LEVELS: ReadonlySet<string> = new Set<LogLevel>(['debug', 'info', 'warn', 'error'])

/** A running attempt of a step or sub-step: what its handler gets, and how it ends. */
export class RunningStep implements Part {
  readonly services: StepServices
  readonly holding: Holding
  readonly stepAttempt: Attempt
  readonly info: StepInfo
  readonly path: string
  readonly #names: string[]
  /** Whether a parent's transaction is open, and stays open until this has ended. */
  readonly #isNested: boolean
  /** Sub-steps that were called and have not ended. */
  readonly #underWay = new Set<{ name: string }>()
  readonly tx: Transaction
  readonly trace: Trace
  /** Names the run, the step and the attempt in every line. */
  readonly logger: Logger
  /** Why its handler skipped it; null: it did not. */
  skipped: string | null = null
  /** As far as this process knows. */
  outcome: AttemptOutcome = 'dropped'

  constructor(
    services: StepServices,
    holding: Holding,
    attempt: Attempt,
    parent: RunningStep | null = null,
    info = attempt.info,
  ) {
    this.services = services
    this.holding = holding
    this.stepAttempt = attempt
    this.info = info
    this.#names = parent ? [...parent.#names, info.step] : [info.step]
    this.path = this.#names.join('/')
    this.#isNested = parent !== null && (parent.#isNested || parent.tx.wasOpened)
    this.trace = (parent?.trace ?? holding.trace).step(holding.info, info, this.#names)
    this.logger = withFields(services.logger, { run: holding.run, step: this.path, attempt: info.attempt })
    const observers = { logger: this.logger, meter: services.meter }
    const pool = services.pool(this.#names.length - 1, this.#isNested)
    this.tx = new Transaction(pool, observers, `step ${this.path} of run ${holding.run}`, attempt)
  }

  /** All that its handler gets of it: printing that reveals neither the engine nor the database's address. */
  get context(): BaseContext & Pick<StepContext<unknown, object>, 'skip'> {
    const { signal, idempotencyKey, report, secret, log, substep, skip } = this
    const tx = { query: this.tx.query }
    const { attempt } = this.info
    return { run: this.holding.info, attempt, signal, tx, idempotencyKey, report, secret, log, substep, skip }
  }

  get signal(): AbortSignal {
    return this.stepAttempt.signal
  }

  /** What its handler left behind neither reports nor logs. */
  get #isOver(): boolean {
    return this.signal.aborted || this.stepAttempt.isOver
  }

  get idempotencyKey(): string {
    // A slash within a name must not look like one between two names.
    return [this.holding.run, ...this.#names.map((name) => name.replaceAll(/[%/]/g, encodeURIComponent))].join('/')
  }

  // Handlers take these out of their context: `const { report } = ctx`.
  readonly report = (progress: ProgressReport, message?: Localized, metadata?: JsonObject): void => {
    if (this.#isOver) return
    const { displayName, displayNames } = languages(message ?? undefined)
    const texts = displayNames && Object.entries(displayNames).map(([tag, text]) => [tag, this.#text(String(text))])
    const { mask } = this.holding.secrets
    const counted = countIn(progress)
    this.services.flusher.report(this.holding, {
      run: this.holding.run,
      lease: this.holding.lease,
      step: this.info.id,
      progress: percentOf(counted ? (counted.current / counted.total) * 100 : progress),
      message: displayName === null ? null : this.#text(displayName),
      messages: texts && serialize(Object.fromEntries(texts), `a message of ${this.path}`),
      metadata: counted || metadata ? serialize({ ...counted, ...metadata }, `metadata of ${this.path}`, mask) : null,
    })
  }

  readonly log = (message: string, level: LogLevel = 'info'): void => {
    if (!LEVELS.has(level)) throw new TypeError(`there is no log level ${level}; use ${[...LEVELS].join(', ')}`)
    if (this.#isOver) return
    this.services.flusher.log(this.holding, {
      run: this.holding.run,
      lease: this.holding.lease,
      step: this.info.id,
      at: new Date(),
      level,
      message: this.#text(String(message)),
    })
  }

  readonly secret = (value: string): string => {
    this.holding.secrets.add(value)
    return value
  }

  readonly substep = <Output>(name: string, fn: (sub: SubstepContext) => Promise<Output> | Output): Promise<Output> => {
    const output = this.#runSubstep(name, fn)
    // A sub-step that is not awaited must not end the whole process.
    output.catch(() => {})
    return output
  }

  async #runSubstep<Output>(name: string, fn: (sub: SubstepContext) => Promise<Output> | Output): Promise<Output> {
    const underWay = { name }
    this.#underWay.add(underWay)
    try {
      return await runSubstep(this, name, fn)
    } catch (error) {
      if (!this.stepAttempt.isOver || this.signal.aborted) throw error
      const late = `step ${this.path} has ended without its sub-step ${name}, which wrote nothing: await each sub-step`
      throw new Error(late, { cause: error })
    } finally {
      this.#underWay.delete(underWay)
    }
  }

  /** Its handler has returned: what it did not wait for is cancelled when it is completed, which would pass unseen. */
  leave(): void {
    const substeps = [...this.#underWay].slice(0, NAMED).map(({ name }) => name)
    if (substeps.length === 0) return
    this.logger.warn({ substeps }, 'a handler returned before its sub-steps, which are cancelled: await each of them')
  }

  readonly skip = (reason: string): never => {
    this.skipped = this.#text(String(reason ?? 'Its handler skipped it.'))
    throw new Skipped(this.skipped)
  }

  part(info: StepInfo): RunningStep {
    return new RunningStep(this.services, this.holding, this.stepAttempt, this, info)
  }

  async rememberingFault<T>(said: Promise<T>): Promise<T> {
    try {
      return await said
    } catch (error) {
      if (isFenced(error) && (await this.#isOurs())) {
        const own = `a sub-step of step ${this.path} ended its own attempt in its own tx`
        throw new Error(`lease ${this.holding.lease} of run ${this.holding.run} is stale: ${own}`, { cause: error })
      }
      if ((isPassing(error) || error instanceof InDoubt) && !this.signal.aborted) this.stepAttempt.fault ??= error
      throw error
    }
  }

  /**
   * Whether the run is this process's, though a write under its lease was refused: then that write's own transaction had
   * given the lease away, which was undone with it.
   */
  async #isOurs(): Promise<boolean> {
    const { services, holding, stepAttempt } = this
    const now = await retrying(() => whatIs({ services, holding, info: stepAttempt.info })).catch(() => null)
    return now?.outcome === 'done'
  }

  settle(): Promise<void> {
    return this.services.flusher.settle(this.info.id, this.stepAttempt, this.logger)
  }

  /** What was thrown, as it is stored. */
  describe(thrown: unknown): Failure {
    return describeFailure(thrown, this.holding.secrets.mask)
  }

  /** Notes that it has failed and that this is written. */
  fail(thrown: unknown): void {
    this.outcome = 'failed'
    const failure = this.describe(thrown)
    this.trace.fail(thrown, failure)
    this.logger.info({ reason: failure.message }, 'an attempt of a step failed')
  }

  /** Nothing more happens to it here: updates the metrics, the log and the trace. */
  close(): void {
    this.services.meter.attempted(this.holding.info.workflow, this.info.step, this.outcome)
    this.logger.debug({ outcome: this.outcome }, 'an attempt of a step is over here')
    this.trace.end(this.outcome)
  }

  #text(said: string): string {
    const { mask } = this.holding.secrets
    return clean(cut(mask ? mask(said) : said, LINE_LENGTH))
  }
}

/** null: it is a percentage, or what a row without a value gives. */
function countIn(progress: ProgressReport | null | undefined): { current: number; total: number } | null {
  return typeof progress === 'object' && progress !== null ? { current: progress.current, total: progress.total } : null
}

/** An integer from 0 to 100; null if there is none, as for 0 of 0. */
function percentOf(said: unknown): number | null {
  const percent = Number(said ?? Number.NaN)
  return Number.isFinite(percent) ? Math.floor(Math.min(100, Math.max(0, percent))) : null
}
