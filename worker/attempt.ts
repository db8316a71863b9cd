import type { StepInfo } from '../db/engine.ts'
import { monotonicMs } from './clock.ts'
import type { Transaction, TransactionOwner } from './transaction.ts'

/** Why a handler's signal is aborted. */
class Stopped extends Error {
  override name = 'Stopped'
}

/** An attempt of a step that took longer than the step allows: it has failed. */
class TimedOut extends Error {
  override name = 'TimedOut'
}

/** An attempt of a step in this process: the signal of its handler, and the transactions that end with it. */
export class Attempt implements TransactionOwner {
  readonly info: StepInfo
  readonly since = monotonicMs()
  /** Its own transactions, and those of its sub-steps. */
  readonly transactions = new Set<Transaction>()
  /**
   * What went wrong below the handler, in the engine's own statements or a connection: it does not count as the step's
   * failure.
   */
  fault: unknown = null
  /** Its end is being written: what the database reports about it meanwhile is no news. */
  ending = false
  isOver = false
  readonly #controller = new AbortController()

  constructor(info: StepInfo) {
    this.info = info
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Nothing that it does from now on will be written, and its end is not ours to write. */
  get isDropped(): boolean {
    return this.signal.aborted && !(this.signal.reason instanceof TimedOut)
  }

  get hasTimedOut(): boolean {
    return this.signal.reason instanceof TimedOut
  }

  drop(reason: string): void {
    this.#controller.abort(new Stopped(reason))
  }

  expire(): void {
    if (!this.ending) this.#controller.abort(new TimedOut(`step ${this.info.step} took longer than its timeout allows`))
  }

  /** Rolls back the transactions that its handler left open, even if the handler is still using them. */
  async abandon(): Promise<void> {
    await Promise.all([...this.transactions].map((transaction) => transaction.abandon()))
  }
}
