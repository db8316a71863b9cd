import pg from 'pg'
import { BoundedClient, onLost } from '../db/connect.ts'
import { throughPooler, withOwnSettings } from '../db/pooled.ts'
import { FLUSHES } from './flusher.ts'
import { workerName } from './life.ts'

/** Keeps network devices between the worker and Postgres from dropping connections that are idle for long. */
export const KEEP_ALIVE_MS = 10_000

/** A worker's connections, in separate pools so that none can deadlock with another by waiting for it. */
export interface Pools {
  /**
   * For transactions of handlers, which may hold a connection for as long as they run: of steps (depth 0), of their
   * sub-steps (1) and so on. Each depth has a pool of its own, because a step may hold a connection while its sub-step
   * waits for another (`nested`).
   */
  handlers: (depth: number, nested: boolean) => pg.Pool
  /**
   * For failures of steps that are written with onEnd, one of each run at a time. The run's other steps may hold all
   * connections of handlers meanwhile, while their sub-steps wait for their turn behind it.
   */
  failures: pg.Pool
  /** For the engine's own statements, some of which wait for a row. */
  db: pg.Pool
  /** For the flusher, which never waits. */
  reports: pg.Pool
  /** For the announcer, which waits for a lock that the whole database cluster shares. */
  announcements: pg.Pool
  end(): Promise<void>
}

export interface PoolsOptions {
  /** For handlers; if it differs from `listenUrl`, it leads through a pooler. */
  databaseUrl: string
  /** A direct connection. */
  listenUrl: string
  applicationName: string
  concurrency: number
  /** Called with every error of an idle connection. */
  onError: (error: Error) => void
}

/**
 * Connections are opened as needed and closed after ten idle seconds, except the first of each of the engine's pools:
 * opening a session takes longer than anything that runs on it. Behind a pooler, a client may have to wait for all
 * others: so neither the engine's statements go through it, nor a transaction for which an open one waits.
 */
export function openPools(options: PoolsOptions): Pools {
  const { databaseUrl, listenUrl, concurrency, onError } = options
  const opened: pg.Pool[] = []
  const keep = (pool: pg.Pool) => {
    opened.push(onLost(pool, onError))
    return pool
  }
  const own = (max: number, min = 0) => keep(openOwn(options, max, min))
  const byDepth: pg.Pool[] = []
  const ofDepth = (depth: number) => {
    byDepth[depth] ??= own(concurrency * 2)
    return byDepth[depth]
  }
  const shared = databaseUrl === listenUrl ? null : keep(openShared(options, concurrency * 4))
  return {
    handlers: (depth, nested) => (shared && !nested ? shared : ofDepth(depth)),
    failures: own(concurrency),
    db: own(concurrency + 2, 1),
    reports: own(FLUSHES, 1),
    announcements: own(1, 1),
    end: async () => {
      await Promise.all(opened.map((pool) => pool.end()))
    },
  }
}

const actor = () => `worker ${workerName()}`

function openOwn({ listenUrl, applicationName }: PoolsOptions, max: number, min: number): pg.Pool {
  return new pg.Pool({
    Client: BoundedClient,
    // In the connection string, so that a session that replaces another has these settings too.
    connectionString: withOwnSettings(listenUrl, { 'stepcast.actor': actor() }),
    application_name: applicationName,
    max,
    min,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  })
}

/** Each transaction carries its worker's name, by which it is found and ended when that worker is dead. */
function openShared({ databaseUrl, applicationName }: PoolsOptions, max: number): pg.Pool {
  const pool = new pg.Pool({
    Client: BoundedClient,
    connectionString: databaseUrl,
    application_name: 'stepcast handlers',
    max,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  })
  return throughPooler(pool, {
    application_name: applicationName,
    'stepcast.actor': actor(),
  })
}
