import pg from 'pg'
import { Announcer } from '../db/announcer.ts'
import { notify } from '../db/changes.ts'
import type { Db } from '../db/client.ts'
import type { Logger } from '../db/logger.ts'
import { throughPooler } from '../db/pooled.ts'
import { Starter } from '../db/starter.ts'
import { Hub } from './hub.ts'
import { Listener } from './listener.ts'
import type { Meter } from './meter.ts'

const SECOND = 1_000
const POOL_SIZE = 10
const STATEMENT_TIMEOUT_MS = 10 * SECOND
const CONNECT_WITHIN_MS = 5 * SECOND
const CLOSE_WITHIN_MS = 2 * SECOND

export interface ConnectionOptions {
  /** May lead through a pooler in transaction mode, if `listenUrl` does not. */
  databaseUrl: string
  /** A direct connection for LISTEN. Default: `databaseUrl`. */
  listenUrl?: string | undefined
  /** A replica for lists, which may be a moment behind. Default: `databaseUrl`. */
  readUrl?: string | undefined
  /** How long a lost notification can keep a watcher behind, in milliseconds. Default 2,000. */
  pollMs?: number | undefined
}

/** What the server holds open towards Postgres. */
export interface Connections {
  db: Db
  readDb: Db
  starter: Starter
  hub: Hub
  /** Ends the streams first; bounded in time. */
  stop(): Promise<void>
}

export function openConnections(options: ConnectionOptions, logger: Logger, meter: Meter): Connections {
  const { databaseUrl, listenUrl = databaseUrl, readUrl, pollMs = 2 * SECOND } = options
  // One that is named beside a direct connection is a pooler's; whether a replica's is, nobody says.
  const pool = openPool(databaseUrl, logger, databaseUrl !== listenUrl)
  const readPool = readUrl === undefined ? pool : openPool(readUrl, logger, true)
  const announcer = new Announcer(pool, logger)
  const hub = new Hub({ db: pool, logger, pollMs, meter })
  const listener = new Listener({
    url: listenUrl,
    notify: (channel, payload) => notify(pool, channel, payload),
    onPayload: (payload) => hub.notified(payload),
    onListening: () => hub.recheck(),
    onHears: (itself) => meter.hears(itself),
    logger,
    pollMs,
  })
  const stop = async () => {
    await withinReason(Promise.all([hub.stop(), listener.stop(), announcer.stop()]))
    await withinReason(Promise.all([...new Set([pool, readPool])].map((each) => each.end())))
  }
  return { db: pool, readDb: readPool, starter: new Starter(pool, announcer), hub, stop }
}

function openPool(connectionString: string, logger: Logger, mayBePooled: boolean): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    application_name: 'stepcast server',
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    // Belongs to the session, and poolers refuse it.
    ...(mayBePooled ? {} : { statement_timeout: STATEMENT_TIMEOUT_MS }),
    // Also where no answer comes at all, not even that the statement took too long.
    query_timeout: STATEMENT_TIMEOUT_MS + CONNECT_WITHIN_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10 * SECOND,
  })
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle connection to the database was lost'))
  return mayBePooled ? throughPooler(pool) : pool
}

/** What is under way ends by its own timeouts, but nobody waits for a database that is gone. */
async function withinReason(closing: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, CLOSE_WITHIN_MS)
  await Promise.race([closing, late])
  clearTimeout(timer)
}
