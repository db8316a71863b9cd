import type pg from 'pg'
import { isPooled } from '../db/pooled.ts'
import { endBackend } from '../db/workers.ts'

const LOOK_MS = 1_000

/**
 * Ends each connection of a pool that has been in use for longer than `ms` milliseconds: its answer will not come any
 * more, not even the error that the statement took too long. Its session is ended too, if it can be: where commits wait
 * for a synchronous standby, the sessions left behind would use up all connections. Returns a function that stops the
 * checks.
 *
 * This is not pg's `query_timeout`, whose timer for each query keeps the whole answer through collections of the young
 * heap: at 1,000 reports a second, a seventh of all that a server allocates, and pauses of 12 to 56 ms instead of 1
 * (docs/decisions/2026-11-27-pauses.md).
 */
export function endOverdue(pool: pg.Pool, ms: number): () => void {
  const acquired = new Map<pg.PoolClient, number>()
  // Counts checks, and not time: while this process does not get to run, answers that have arrived wait for it.
  const look = () => {
    for (const [client, looks] of acquired) {
      acquired.set(client, looks + 1)
      if (looks * LOOK_MS >= ms) end(client, pool)
    }
  }
  const timer = setInterval(look, LOOK_MS).unref()
  pool.on('acquire', (client) => acquired.set(client, 0))
  pool.on('release', (_, client) => acquired.delete(client))
  return () => clearInterval(timer)
}

/** Fails the query that is under way. The type of a pool's client has no `end`, so that none is ended by mistake. */
function end(client: pg.PoolClient, pool: pg.Pool): void {
  const session = client as unknown as pg.Client & { processID: number | null }
  void session.end()
  // A pooler's own session is not known here, and goes on to serve others.
  if (session.processID !== null && !isPooled(pool)) endBackend(pool, session.processID).catch(() => {})
}
