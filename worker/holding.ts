import { retrying } from '../db/call.ts'
import type { Leased, RunInfo } from '../db/engine.ts'
import type { Beat } from '../db/workers.ts'
import type { Attempt } from './attempt.ts'
import type { Owner } from './batch.ts'
import { monotonicMs } from './clock.ts'
import { Secrets } from './secrets.ts'
import type { Trace } from './trace.ts'

/** A run that this process has claimed: its lease, and the attempts of its steps that are going on here. */
export class Holding implements Leased, Owner {
  readonly run: string
  readonly lease: number
  readonly info: RunInfo
  readonly trace: Trace
  readonly since = monotonicMs()
  readonly attempts = new Set<Attempt>()
  readonly secrets = new Secrets()
  /** Called when something of the run may begin that this process does not know of. */
  look: () => void = () => {}
  /** Why it is not ours any more; null: it is. */
  stopped: string | null = null
  #last: Promise<unknown> = Promise.resolve()

  constructor(info: RunInfo, lease: number, trace: Trace) {
    this.run = info.id
    // Every handler of the run is given it.
    this.info = Object.freeze(info)
    this.lease = lease
    this.trace = trace
  }

  /** The lease is gone: whatever the handlers still do will not be written. */
  fence(): void {
    this.stop('the run was cancelled or taken over')
  }

  stop(reason: string): void {
    this.stopped ??= reason
    for (const attempt of this.attempts) attempt.drop(reason)
  }

  /**
   * Says statements that wait for the run's row one after the other, and again where they lose a deadlock: where
   * somebody holds that row, they have one of the worker's connections, not all. None of them may hold anything itself.
   */
  inTurn<T>(statement: () => Promise<T>): Promise<T> {
    const answer = this.#last.then(() => retrying(statement))
    this.#last = answer.catch(() => {})
    return answer
  }

  /** Heeds what the database said of it at a time: null, that it is not this worker's. */
  heed(beat: Beat | null, askedAt: number): void {
    // What was claimed or begun after the question is not in the answer.
    if (this.since > askedAt || this.stopped) return
    if (beat) this.#heedAttempts(beat, askedAt)
    else this.fence()
  }

  #heedAttempts(beat: Beat, askedAt: number): void {
    for (const attempt of this.attempts) {
      if (attempt.since > askedAt || attempt.ending) continue
      if (beat.running[attempt.info.id] !== attempt.info.attempt) attempt.drop('the step was ended by somebody else')
      else if (beat.overdue.includes(attempt.info.id)) attempt.expire()
    }
    if (beat.attention) this.look()
  }
}
