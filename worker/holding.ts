import type { Leased, RunInfo } from '../db/engine.ts'
import type { Owner } from './backlog.ts'
import type { Transaction } from './transaction.ts'

/** Why a handler's signal is aborted. */
class Stopped extends Error {
  override name = 'Stopped'
}

/** A run that this process has claimed: its lease, and the signal that ends its handlers. */
export class Holding implements Leased, Owner {
  readonly run: string
  readonly lease: number
  readonly info: RunInfo
  /** Of its steps and sub-steps. */
  readonly transactions = new Set<Transaction>()
  /** What went wrong below a handler, in the engine's own statements: the job must be tried again. */
  fault: unknown = null
  readonly #controller = new AbortController()

  constructor(info: RunInfo, lease: number) {
    this.run = info.id
    this.info = info
    this.lease = lease
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The lease is gone: whatever the handlers still do will not be written. */
  fence(): void {
    this.stop('the run was cancelled or taken over')
  }

  stop(reason: string): void {
    this.#controller.abort(new Stopped(reason))
  }
}
