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

/** At every how many beats a worker that does not lead looks too: the one that leads may be stopped, or have vanished. */
const ANYWAY = 8

/**
 * Takes care of what others have left behind: runs of dead workers, of no worker, past their deadline, or waiting for a
 * free place. One worker leads and does it at each beat. One round at a time, and apart from the beat, which must not
 * wait: a round may meet a row that somebody holds.
 */
export class Watch {
  readonly #options: WatchOptions
  #round: Promise<void> | null = null
  #isOver = false
  #beats = 0
  /** How far it has looked for lost runs. */
  #place: string | null = null

  constructor(options: WatchOptions) {
    this.#options = options
  }

  /** Called with each beat: begins a round if it is this worker's turn, unless one is under way. */
  look(leads: boolean): void {
    this.#beats += 1
    if (this.#isOver || !(leads || this.#beats % ANYWAY === 0)) return
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
      const { queued, place } = await requeueLostRuns(db, this.#place)
      this.#place = place
      for (const run of queued) logger.warn({ run }, 'queued a run that nobody had')
    })
    await this.#do('admit', () => admitParkedRuns(db))
  }

  /**
   * A chore that fails, for instance on a row that somebody holds, is tried again in the next round, and does not keep
   * other chores from being done.
   */
  async #do(chore: string, work: () => Promise<void>): Promise<void> {
    if (this.#isOver) return
    await work().catch((error) => {
      if (!this.#isOver)
        this.#options.logger.warn({ err: error, chore }, 'could not look after what others left behind')
    })
  }
}
