import { callPrepared } from './call.ts'
import { NEWS, type News } from './changes.ts'
import type { Db } from './client.ts'
import type { Logger } from './logger.ts'

/** The most runs in one statement. */
const BATCH = 1_200

interface Announced {
  revision: number
  news: News
}

/**
 * Notifies watchers of what was committed (the newest revision of each run), and Graphile's workers of new runs; one
 * statement is in flight. A commit that notifies holds a lock of the whole cluster while it waits for the disk; a
 * notification after the commit costs others nothing. Nobody waits for it, and polling finds what is lost with the
 * process: the watchers' safety poll, and the workers within a second.
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
    // Waits until the whole batch has been added.
    await Promise.resolve()
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting].slice(0, BATCH)
      for (const [run] of batch) this.#waiting.delete(run)
      await announce(this.#db, batch).catch((error) => this.#logger.warn({ err: error }, 'could not announce'))
    }
    // At once, so that what is added next is not taken for part of this flight.
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
