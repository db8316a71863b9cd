import pg from 'pg'
import { Announcer } from '../db/announcer.ts'
import { notify } from '../db/changes.ts'
import type { Db } from '../db/client.ts'
import { checkAddress, onLost } from '../db/connect.ts'
import type { Logger } from '../db/logger.ts'
import { inTransactions, ownSession, throughPooler } from '../db/pooled.ts'
import { Starter } from '../db/starter.ts'
import { within } from '../db/within.ts'
import { Hub } from './hub/hub.ts'
import { Listener } from './listener.ts'
import type { Meter } from './meter.ts'
import { endOverdue } from './overdue.ts'

const SECOND = 1_000
export const POOL_SIZE = 10
/** Lists and statistics have connections of their own: however long they take, everything else continues. */
export const READ_POOL_SIZE = 4
/**
 * Changes are read on connections of their own, so they wait neither for other queries nor for a new session to open.
 * Two: one read is under way, and one rereads what could not be read before.
 */
const NEWS_POOL_SIZE = 2
const CONNECT_WITHIN_MS = 5 * SECOND
const CLOSE_WITHIN_MS = 2 * SECOND

export interface ConnectionOptions {
  /** May lead through a pooler in transaction mode, if `listenUrl` does not. */
  databaseUrl: string
  /** A direct connection for LISTEN. Default: `databaseUrl`. */
  listenUrl?: string | undefined
  /** A replica for lists and statistics, which may lag a little. Default: `databaseUrl`. */
  readUrl?: string | undefined
  /** How long a lost notification can keep a watcher behind, in milliseconds. Default 2,000. */
  pollMs?: number | undefined
  /**
   * Time limit of a database query, in milliseconds: a longer one is aborted and the request answered with 503. Default
   * 10,000.
   */
  statementTimeoutMs?: number | undefined
}

/** The connections to Postgres that the server holds open. */
export interface Connections {
  db: Db
  readDb: Db
  starter: Starter
  hub: Hub
  /** Ends the streams and stops listening; bounded in time. */
  endStreams(): Promise<void>
  /** Called after `endStreams`, when no request is under way any more; bounded in time. */
  close(): Promise<void>
}

export function openConnections(options: ConnectionOptions, logger: Logger, meter: Meter): Connections {
  const { databaseUrl, listenUrl = databaseUrl, readUrl, pollMs = 2 * SECOND } = options
  const { statementTimeoutMs: timeoutMs = 10 * SECOND } = options
  checkAddress('databaseUrl of a server', databaseUrl)
  checkAddress('listenUrl of a server', listenUrl)
  checkAddress('readUrl of a server', readUrl ?? databaseUrl)
  // A databaseUrl given beside a different listenUrl is a pooler's. A readUrl may be one too: nothing says which.
  const isPooled = databaseUrl !== listenUrl
  const main = openPool({ url: databaseUrl, isPooled, max: POOL_SIZE, timeoutMs }, logger)
  const news = openPool({ url: databaseUrl, isPooled, max: NEWS_POOL_SIZE, timeoutMs }, logger)
  const reading = openPool(
    { url: readUrl ?? databaseUrl, isPooled: isPooled || readUrl !== undefined, max: READ_POOL_SIZE, timeoutMs },
    logger,
  )
  const { db } = main
  const announcer = new Announcer(db, logger)
  const hub = new Hub({ db, newsDb: news.db, logger, pollMs, meter })
  const listener = new Listener({
    url: listenUrl,
    notify: (channel, payload) => notify(db, channel, payload),
    onPayload: (payload) => hub.notified(payload),
    onListening: () => hub.recheck(),
    onHears: (itself) => meter.hears(itself),
    logger,
    pollMs,
  })
  const endStreams = () => withinReason(Promise.all([hub.stop(), listener.stop()]))
  const close = async () => {
    await withinReason(announcer.stop())
    await withinReason(Promise.all([main.end(), news.end(), reading.end()]))
  }
  return { db, readDb: reading.db, starter: new Starter(db, announcer), hub, endStreams, close }
}

interface PoolOptions {
  url: string
  /** It may lead through a pooler. */
  isPooled: boolean
  max: number
  timeoutMs: number
}

interface OpenPool {
  db: Db
  end(): Promise<void>
}

function openPool({ url, isPooled, max, timeoutMs }: PoolOptions, logger: Logger): OpenPool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'stepcast server',
    // Connections above the minimum end after ten idle seconds.
    min: 1,
    max,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    // Session settings, which poolers refuse: behind one, each transaction sets the timeout itself.
    ...(isPooled ? {} : { statement_timeout: timeoutMs, onConnect: ownSession }),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10 * SECOND,
  })
  onLost(pool, (error) => logger.warn({ err: error }, 'an idle connection to the database was lost'))
  const db = isPooled ? inTransactions(throughPooler(pool, { statement_timeout: String(timeoutMs) })) : pool
  const stopLooking = endOverdue(pool, timeoutMs + CONNECT_WITHIN_MS)
  const end = async () => {
    await pool.end()
    stopLooking()
  }
  return { db, end }
}

/** What is under way ends by its own timeouts; closing does not wait for a database that is gone. */
async function withinReason(closing: Promise<unknown>): Promise<void> {
  await within(CLOSE_WITHIN_MS, closing)
}
