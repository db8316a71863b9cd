import { retrying } from '../db/call.ts'
import type { Leased, RunInfo } from '../db/engine.ts'
import type { Beat } from '../db/workers.ts'
import type { Attempt } from './attempt.ts'
import type { Owner } from './batch.ts'
import { monotonicMs } from './clock.ts'
import { Secrets } from './secrets.ts'
import type { Trace } from './trace.ts'

/** A run that this process has claimed: its lease, and the attempts of its steps that are running here. */
export class Holding implements Leased, Owner {
  readonly run: string
  readonly lease: number
  readonly info: RunInfo
  readonly trace: Trace
  readonly since = monotonicMs()
  readonly attempts = new Set<Attempt>()
  readonly secrets = new Secrets()
  /** Called when something may begin in the run that this process does not know of. */
  look: () => void = () => {}
  /** Why it is no longer ours; null: it is. */
  stopped: string | null = null
  #last: Promise<unknown> = Promise.resolve()

  constructor(info: RunInfo, lease: number, trace: Trace) {
    this.run = info.id
    // Frozen because every handler of the run gets it.
    this.info = Object.freeze(info)
    this.lease = lease
    this.trace = trace
  }

  /** The lease is gone: nothing that the handlers still do will be written. */
  fence(): void {
    this.stop('the run was cancelled or taken over')
  }

  stop(reason: string): void {
    this.stopped ??= reason
    for (const attempt of this.attempts) attempt.drop(reason)
  }

  /**
   * Runs statements that wait for the run's row one after the other, and repeats those that lose a deadlock. So while
   * somebody holds that row, they occupy one of the worker's connections, not all. None of them may hold a lock itself.
   */
  inTurn<T>(statement: () => Promise<T>): Promise<T> {
    const answer = this.#last.then(() => retrying(statement))
    this.#last = answer.catch(() => {})
    return answer
  }

  /** Acts on what the database reported of the run when asked at `askedAt`; null: it is not this worker's. */
  heed(beat: Beat | null, askedAt: number): void {
    // What was claimed or begun after the query was sent is not in the answer.
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
