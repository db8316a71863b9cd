import pg from 'pg'
import { BoundedClient, onLost } from '../db/connect.ts'
import type { Logger } from '../db/logger.ts'
import { throughPooler } from '../db/pooled.ts'

export interface OpenPool {
  pool: pg.Pool
  [Symbol.asyncDispose](): Promise<void>
}

/** A few connections for a command's own queries; they may lead through a pooler. */
export function openPool(connectionString: string, logger?: Logger): OpenPool {
  const pool = throughPooler(new pg.Pool({ connectionString, max: 4, Client: BoundedClient }))
  // Without a listener, a connection that breaks while idle would end the process.
  onLost(pool, (error) => logger?.warn({ err: error }, 'a database connection broke'))
  return { pool, [Symbol.asyncDispose]: () => pool.end() }
}
