import { callPrepared } from './call.ts'
import { NEWS, type News } from './changes.ts'
import type { Db } from './client.ts'
import type { Logger } from './logger.ts'

/** Runs of one statement. */
const BATCH = 1_200

interface Announced {
  revision: number
  news: News
}

/**
 * Tells watchers, and Graphile's workers of new runs, of what is committed: the newest revision of each run, one
 * statement in flight. A commit that notifies holds a lock of the whole cluster while it waits for the disk; said
 * afterwards it costs others nothing. Nobody waits for it, and what is lost with the process is found by those who
 * poll: watchers by their safety poll, workers within a second.
 */
export class Announcer {
  readonly #db: Db
  readonly #logger: Logger
  #waiting = new Map<string, Announced>()
  #flight: Promise<void> | null = null

  constructor(db: Db, logger: Logger) {
    this.#db = db
    this.#logger = logger
  }

  announce(run: string, revision: number, news: News = NEWS.change): void {
    const before = this.#waiting.get(run)?.news ?? NEWS.change
    this.#waiting.set(run, { revision, news: before === NEWS.inserted ? before : news || before })
    this.#flight ??= this.#fly()
  }

  /** Resolves when nothing waits any more. */
  async stop(): Promise<void> {
    await this.#flight
  }

  async #fly(): Promise<void> {
    // Let the whole batch be said.
    await Promise.resolve()
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting].slice(0, BATCH)
      for (const [run] of batch) this.#waiting.delete(run)
      await announce(this.#db, batch).catch((error) => this.#logger.warn({ err: error }, 'could not announce'))
    }
    // At once, so that what is said next is not taken for part of this flight.
    this.#flight = null
  }
}

async function announce(db: Db, batch: [string, Announced][]): Promise<void> {
  await callPrepared(db, 'announce', 'select stepcast.announce($1::uuid[], $2::bigint[], $3::smallint[])', [
    batch.map(([run]) => run),
    batch.map(([, { revision }]) => revision),
    batch.map(([, { news }]) => news),
  ])
}
