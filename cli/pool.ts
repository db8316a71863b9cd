import pg from 'pg'
import { BoundedClient, onLost } from '../db/connect.ts'
import type { Logger } from '../db/logger.ts'
import { ownSession, throughPooler } from '../db/pooled.ts'
import { within } from '../db/within.ts'

/** A query that is under way, on a database that does not answer, ends with the process. */
const CLOSE_WITHIN_MS = 2_000

export interface OpenPool {
  pool: pg.Pool
  [Symbol.asyncDispose](): Promise<void>
}

/** A few connections for a command's own queries; they may lead through a pooler. */
export function openPool(connectionString: string, logger?: Logger): OpenPool {
  const pool = throughPooler(new pg.Pool({ connectionString, max: 4, Client: BoundedClient, onConnect: ownSession }))
  // Without a listener, a connection that breaks while idle would end the process.
  onLost(pool, (error) => logger?.warn({ err: error }, 'a database connection broke'))
  const close = async () => {
    await within(CLOSE_WITHIN_MS, pool.end())
  }
  return { pool, [Symbol.asyncDispose]: close }
}
