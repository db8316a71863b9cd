import type { Db } from '../db/client.ts'
import type { Logger } from '../db/logger.ts'
import { admitParkedRuns, expireRuns, handOverLostRuns, requeueLostRuns, takeOver } from '../db/workers.ts'
import type { Holding } from './holding.ts'

interface WatchOptions {
  id: number
  db: Db
  holdings: ReadonlySet<Holding>
  logger: Logger
}

/**
 * Looks after what others have left behind: runs of dead workers, of nobody, past their deadline, waiting for a free place.
 * On connections of its own and one at a time: it may meet a row that somebody holds, and the beat must not wait.
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
    const { id, db, holdings, logger } = this.#options
    try {
      for (const name of await takeOver(db)) logger.warn({ dead: name }, 'took over the runs of a dead worker')
      const driven = [...holdings].map(({ run }) => run)
      await handOverLostRuns(db, id, driven)
      for (const run of await expireRuns(db)) logger.warn({ run }, 'failed a run past its deadline')
      for (const run of await requeueLostRuns(db)) logger.warn({ run }, 'queued a run that nobody had')
      await admitParkedRuns(db)
    } catch (error) {
      if (!this.#isOver) logger.warn({ error }, 'could not look after what others left behind; trying again')
    }
  }
}
