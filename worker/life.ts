import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import pg from 'pg'
import type { Db } from '../db/client.ts'
import type { Logger } from '../db/logger.ts'
import { beat, expireRuns, handOverLostRuns, registerWorker, takeOver } from '../db/workers.ts'
import type { Holding } from './holding.ts'

const BEAT_MS = 500
/** Every second beat also looks after what others have left behind. */
const WATCH_EVERY = 2
/** Names the session in pg_stat_activity; a truncated name would not be found again: 63 bytes at most. */
export const newApplicationName = () => `stepcast worker ${process.pid} ${randomBytes(6).toString('hex')}`

/** For people: in the journal, in attempts and in logs. */
export const workerName = () => `${hostname()}:${process.pid}`

export interface LifeOptions {
  /** A direct connection: the advisory lock lives as long as its session. */
  listenUrl: string
  applicationName: string
  /** For what may take its time. */
  db: Db
  holdings: ReadonlySet<Holding>
  logger: Logger
  /** Called once when this worker cannot go on: its session broke, or it was declared dead. */
  onDeath: (error: Error) => void
}

/** A worker's sign of life: a session that holds its advisory lock, and a beat that answers with what to stop. */
export class Life {
  readonly id: number
  readonly #client: pg.Client
  readonly #options: LifeOptions
  #timer: NodeJS.Timeout | undefined
  #beats = 0
  #watching: Promise<void> | null = null
  #ended = false

  private constructor(id: number, client: pg.Client, options: LifeOptions) {
    this.id = id
    this.#client = client
    this.#options = options
    client.on('error', (error) => this.#die(error))
    client.on('end', () => this.#die(new Error('the session of the worker ended')))
    this.#schedule()
  }

  static async begin(options: LifeOptions): Promise<Life> {
    const client = new pg.Client({
      connectionString: options.listenUrl,
      application_name: options.applicationName,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
    })
    await client.connect()
    const id = await registerWorker(client, workerName(), options.applicationName)
    return new Life(id, client, options)
  }

  /** Beats no more: the worker is about to hand over what it has. */
  leave(): void {
    this.#ended = true
    clearTimeout(this.#timer)
  }

  /** Ends the session; what it held was handed over before, or will be taken over. */
  async end(): Promise<void> {
    this.leave()
    await this.#client.end()
  }

  #schedule(): void {
    this.#timer = setTimeout(() => this.#beat(), BEAT_MS)
  }

  async #beat(): Promise<void> {
    try {
      const held = [...this.#options.holdings]
      for (const { run, lease } of await beat(this.#client, this.id, held)) {
        // By lease: a run that was cancelled and retried may be held twice, once in vain.
        held.find((holding) => holding.run === run && holding.lease === lease)?.fence()
      }
      if (this.#beats++ % WATCH_EVERY === 0) this.#watching ??= this.#watch()
    } catch (error) {
      return this.#die(error as Error)
    }
    if (!this.#ended) this.#schedule()
  }

  /** On other connections and without being waited for: it may meet a row that somebody holds, and the beat must not. */
  async #watch(): Promise<void> {
    const { db, logger } = this.#options
    try {
      for (const name of await takeOver(db)) logger.warn({ dead: name }, 'took over the runs of a dead worker')
      await handOverLostRuns(
        db,
        this.id,
        [...this.#options.holdings].map(({ run }) => run),
      )
      for (const run of await expireRuns(db)) logger.warn({ run }, 'failed a run past its deadline')
    } catch (error) {
      if (!this.#ended) logger.warn({ error }, 'could not look after what others left behind; trying again')
    } finally {
      this.#watching = null
    }
  }

  #die(error: Error): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#timer)
    this.#options.onDeath(error)
  }
}
