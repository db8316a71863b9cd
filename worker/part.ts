import type { Pool } from 'pg'
import type { Db } from '../db/client.ts'
import type { Failure, StepInfo } from '../db/engine.ts'
import type { Logger } from '../db/logger.ts'
import type { Advancer } from './advancer.ts'
import type { Attempt } from './attempt.ts'
import type { SubstepContext } from './context.ts'
import type { Flusher } from './flusher.ts'
import type { Holding } from './holding.ts'
import type { Meter } from './meter.ts'
import type { Trace } from './trace.ts'
import type { Transaction } from './transaction.ts'

/** What a step needs of its process. */
export interface StepServices {
  /** The worker's id. */
  id: number
  /** The worker's name, for people. */
  name: string
  /**
   * For transactions of handlers, which may all be in use at once: of steps (depth 0), of their sub-steps (1) and so
   * on. `nested`: while a transaction of a parent is open.
   */
  pool: (depth: number, nested: boolean) => Pool
  /** For failures that are written with onEnd, which must not wait for handlers' transactions either. */
  failures: Pool
  /** For the engine's own statements, which must never wait for handlers' transactions. */
  db: Db
  advancer: Advancer
  flusher: Flusher
  /** Names the worker in every line. */
  logger: Logger
  meter: Meter
}

/** A step or a sub-step that is running, as the engine sees it. */
export interface Part {
  readonly context: SubstepContext
  /** The signal of the step's attempt. */
  readonly signal: AbortSignal
  readonly services: StepServices
  readonly holding: Holding
  /** The attempt of the step; a sub-step is part of it. */
  readonly stepAttempt: Attempt
  readonly info: StepInfo
  /** Its name, preceded by those of its parents. */
  readonly path: string
  readonly tx: Transaction
  readonly trace: Trace
  /** A sub-step of this part that has begun. */
  part(info: StepInfo): Part
  /** What was thrown, as it is stored. */
  describe(thrown: unknown): Failure
  /** Remembers a fault below the handler, which the handler may catch or wrap: it is not the step's failure. */
  rememberingFault<T>(said: Promise<T>): Promise<T>
  /** Its handler has returned: warns of sub-steps that it did not wait for, which are cancelled with its end. */
  leave(): void
  /** Waits until everything that it reported is written, so that no report arrives after its end. */
  settle(): Promise<void>
}
