import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { hostname } from 'node:os'
import { Worker as Thread } from 'node:worker_threads'
import type { Beat } from '../db/workers.ts'
import type { FromThread, ThreadData, ToThread } from './beat-thread.ts'
import { beatPulse, newPulse } from './pulse.ts'

/** Interval at which the main thread shows that it runs. */
const PULSE_MS = 100
/** Names the session in pg_stat_activity. At most 63 bytes: a truncated name would not be found again. */
export const newApplicationName = () => `stepcast worker ${process.pid} ${randomBytes(6).toString('hex')}`

/** The name for people: in the journal, in attempts and in logs. */
export const workerName = () => `${hostname()}:${process.pid}`

export interface LifeOptions {
  /** A direct connection: the advisory lock lives as long as its session. */
  listenUrl: string
  applicationName: string
  /** The Graphile tasks that the worker takes. */
  serves: string[]
  /**
   * Called with all that the worker has according to the database, asked at `askedAt` of the monotonic clock, and
   * whether it is the worker that does what one does for all.
   */
  onBeat: (beats: Beat[], askedAt: number, leads: boolean) => void
  /**
   * Called once, when this worker cannot continue: its session broke, it was declared dead or its event loop was
   * blocked.
   */
  onDeath: (error: Error) => void
}

/** A worker's sign of life, from a thread of its own. */
export class Life {
  readonly id: number
  readonly #thread: Thread
  readonly #pulse: NodeJS.Timeout
  /** Resolves when the thread has ended, however long ago. */
  readonly #gone: Promise<unknown>
  #isLeaving = false

  private constructor(id: number, thread: Thread, pulse: NodeJS.Timeout, options: LifeOptions) {
    this.id = id
    this.#thread = thread
    this.#pulse = pulse
    this.#gone = new Promise((resolve) => thread.once('exit', resolve))
    thread.on('message', (message: FromThread) => {
      if (this.#isLeaving) return
      if (message.type === 'beat') options.onBeat(message.beats, message.askedAt, message.leads)
      if (message.type === 'dead') options.onDeath(message.error)
    })
    thread.on('error', (error) => this.#isLeaving || options.onDeath(error as Error))
    thread.on('exit', () => this.#isLeaving || options.onDeath(new Error('the thread of the worker’s life ended')))
  }

  /** Resolves when the worker is registered and has its lock. */
  static async begin(options: LifeOptions): Promise<Life> {
    const { listenUrl, applicationName, serves } = options
    const pulse = newPulse()
    const workerData: ThreadData = { listenUrl, applicationName, serves, name: workerName(), pulse }
    const timer = setInterval(() => beatPulse(pulse), PULSE_MS)
    timer.unref()
    const thread = new Thread(new URL('./beat-thread.ts', import.meta.url), {
      workerData,
      // None of the process's own: `--eval` or `--import` are not meant for a thread that only beats.
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    })
    const [first] = (await once(thread, 'message')) as [FromThread]
    if (first.type === 'born') return new Life(first.id, thread, timer, options)
    clearInterval(timer)
    throw first.type === 'dead' ? first.error : new Error('the thread of the worker’s life did not begin')
  }

  /** From now on nothing is passed on to `onBeat` and `onDeath`: the worker is about to hand over what it has. */
  leave(): void {
    this.#isLeaving = true
  }

  /** Ends the session; the worker's runs were handed over before, or will be taken over. */
  async end(): Promise<void> {
    this.leave()
    clearInterval(this.#pulse)
    this.#thread.postMessage('end' satisfies ToThread)
    await this.#gone
  }
}
