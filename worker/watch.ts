import type { Db } from '../db/client.ts'
import type { Logger } from '../db/logger.ts'
import { admitParkedRuns, expireRuns, handOverLostRuns, requeueLostRuns, takeOver } from '../db/workers.ts'
import type { Holding } from './holding.ts'
import type { Meter } from './meter.ts'

interface WatchOptions {
  id: number
  db: Db
  holdings: ReadonlySet<Holding>
  logger: Logger
  meter: Meter
}

/**
 * Looks after what others have left behind: runs of dead workers, of nobody, past their deadline, waiting for a free
 * place. One at a time and apart from the beat, which must not wait: it may meet a row that somebody holds.
 */
export class Watch {
  readonly #options: WatchOptions
  #round: Promise<void> | null = null
  #isOver = false

  constructor(options: WatchOptions) {
    this.#options = options
  }

  /** Begins a round, unless one is going on. */
  look(): void {
    if (this.#isOver) return
    this.#round ??= this.#look().finally(() => {
      this.#round = null
    })
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#round
  }

  async #look(): Promise<void> {
    const { id, db, holdings, logger, meter } = this.#options
    await this.#do('take over', async () => {
      for (const { dead, runs } of await takeOver(db)) {
        meter.tookOver(runs)
        logger.warn({ dead, runs }, 'took over the runs of a dead worker')
      }
    })
    const driven = [...holdings].map(({ run }) => run)
    await this.#do('hand over', () => handOverLostRuns(db, id, driven))
    await this.#do('expire', async () => {
      for (const run of await expireRuns(db)) logger.warn({ run }, 'failed a run past its deadline')
    })
    await this.#do('requeue', async () => {
      for (const run of await requeueLostRuns(db)) logger.warn({ run }, 'queued a run that nobody had')
    })
    await this.#do('admit', () => admitParkedRuns(db))
  }

  /**
   * What fails, such as on a row that somebody holds, is tried in the next round, and keeps nothing else from being
   * done.
   */
  async #do(chore: string, work: () => Promise<void>): Promise<void> {
    if (this.#isOver) return
    await work().catch((error) => {
      if (!this.#isOver)
        this.#options.logger.warn({ err: error, chore }, 'could not look after what others left behind')
    })
  }
}
