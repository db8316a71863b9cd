import type { Pool } from 'pg'
import { retrying } from '../db/call.ts'
import type { Db } from '../db/client.ts'
import type { JsonObject, Localized, LogLevel } from '../db/contract.ts'
import {
  beginSubstep,
  completeSubstep,
  failSubstep,
  type RunInfo,
  type StepInfo,
  type SubstepTry,
} from '../db/engine.ts'
import type { Logger } from '../db/logger.ts'
import type { BaseContext, ProgressReport, SubstepContext } from './context.ts'
import { describeFailure } from './failure.ts'
import { isPassing } from './fault.ts'
import type { Flusher } from './flusher.ts'
import type { Holding } from './holding.ts'
import { serialize } from './output.ts'
import { languages } from './register.ts'
import { clean, cut } from './text.ts'
import { Transaction } from './transaction.ts'

const LINE_LENGTH = 16 * 1024
const LEVELS: ReadonlySet<string> = new Set<LogLevel>(['debug', 'info', 'warn', 'error'])

/** What a step needs of its process. */
export interface StepServices {
  /** For transactions of handlers, which may all be in use at once. */
  pool: Pool
  /** For statements of the engine itself, which handlers' transactions must never keep waiting. */
  db: Db
  flusher: Flusher
  logger: Logger
}

/** The try of a step or a sub-step that is going on: its handler's context, and how it ends. */
export class RunningStep implements BaseContext, SubstepContext {
  readonly #services: StepServices
  readonly #holding: Holding
  readonly #info: StepInfo
  readonly #path: string
  readonly tx: Transaction

  constructor(services: StepServices, holding: Holding, info: StepInfo, path = info.step) {
    this.#services = services
    this.#holding = holding
    this.#info = info
    this.#path = path
    this.tx = new Transaction(services.pool, services.logger, `step ${path} of run ${holding.run}`, holding)
  }

  get run(): RunInfo {
    return this.#holding.info
  }

  get attempt(): number {
    return this.#info.attempt
  }

  get signal(): AbortSignal {
    return this.#holding.signal
  }

  get idempotencyKey(): string {
    return `${this.#holding.run}/${this.#path}`
  }

  // Handlers take these three out of their context: `const { report } = ctx`.
  readonly report = (progress: ProgressReport, message?: Localized, metadata?: JsonObject): void => {
    if (this.signal.aborted) return
    const { displayName, displayNames } = languages(message)
    const counted = typeof progress === 'object' ? { current: progress.current, total: progress.total } : null
    this.#services.flusher.report(this.#holding, {
      run: this.#holding.run,
      lease: this.#holding.lease,
      step: this.#info.id,
      progress: percentOf(progress),
      message: displayName === null ? null : clean(cut(displayName, LINE_LENGTH)),
      messages: displayNames && serialize(displayNames, `a message of ${this.#path}`),
      metadata: counted || metadata ? serialize({ ...counted, ...metadata }, `metadata of ${this.#path}`) : null,
    })
  }

  readonly log = (message: string, level: LogLevel = 'info'): void => {
    if (!LEVELS.has(level)) throw new TypeError(`there is no log level ${level}; use ${[...LEVELS].join(', ')}`)
    if (this.signal.aborted) return
    this.#services.flusher.log(this.#holding, {
      run: this.#holding.run,
      lease: this.#holding.lease,
      step: this.#info.id,
      at: new Date(),
      level,
      message: clean(cut(String(message), LINE_LENGTH)),
    })
  }

  readonly substep = async <Output>(
    name: string,
    fn: (sub: SubstepContext) => Promise<Output> | Output,
  ): Promise<Output> => {
    this.signal.throwIfAborted()
    const path = `${this.#path}/${name}`
    const begun = await this.#engine(() => beginSubstep(this.#services.db, this.#holding, this.#info.id, name))
    if (begun.completed) return begun.output as Output
    const sub = new RunningStep(this.#services, this.#holding, { ...begun, step: name }, path)
    const unblock = this.tx.block(name)
    try {
      const output = serialize(await fn(sub), `sub-step ${path}`)
      await this.#engine(() => sub.complete((db) => completeSubstep(db, this.#holding, begun, output)))
      return (output === null ? undefined : JSON.parse(output)) as Output
    } catch (error) {
      await this.#failSubstep(sub, begun, error)
      throw error
    } finally {
      unblock()
    }
  }

  async #failSubstep(sub: RunningStep, begun: SubstepTry, error: unknown): Promise<void> {
    // After a fault of the engine nothing is known of it: the step is tried again as a whole.
    if (this.#holding.fault) return sub.tx.abandon()
    await sub.fail(error, (failure) =>
      this.#engine(() => failSubstep(this.#services.db, this.#holding, begun, failure)),
    )
  }

  /** Remembers a fault below the handler, which the handler may catch or wrap: it is not the step's failure. */
  async #engine<T>(statement: () => Promise<T>): Promise<T> {
    try {
      return await retrying(statement)
    } catch (error) {
      if (isPassing(error) && !this.signal.aborted) this.#holding.fault ??= error
      throw error
    }
  }

  /**
   * Writes the end of a step together with its effects, after everything that it reported. `whole`: `end` takes more
   * than one statement.
   */
  async complete<T>(end: (db: Db) => Promise<T>, whole = false): Promise<T> {
    await this.#services.flusher.settle(this.#info.id, this.signal)
    this.signal.throwIfAborted()
    if (whole) await this.tx.open()
    return this.tx.commit(end, this.#services.db)
  }

  /** Undoes the effects and writes the failure, unless the run is not ours any more. */
  async fail(thrown: unknown, end: (failure: ReturnType<typeof describeFailure>) => Promise<void>): Promise<void> {
    if (this.signal.aborted) return this.tx.abandon()
    await this.tx.rollback()
    await this.#services.flusher.settle(this.#info.id, this.signal)
    await end(describeFailure(thrown))
  }
}

/** An integer from 0 to 100; null where there is nothing to say, as for 0 of 0. */
function percentOf(progress: ProgressReport): number | null {
  const percent = typeof progress === 'number' ? progress : (progress.current / progress.total) * 100
  return Number.isFinite(percent) ? Math.floor(Math.min(100, Math.max(0, percent))) : null
}
