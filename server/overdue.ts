import type pg from 'pg'

const LOOK_MS = 1_000

/**
 * Ends each connection of a pool that somebody has had for longer than so many milliseconds: its answer does not come
 * any more, not even that the statement took too long. Returns what ends the looking.
 *
 * Not pg's `query_timeout`, whose timer for each query keeps all of its answer through the collections of the young
 * heap: with 1,000 reports a second a seventh of all that a server makes, and pauses of 12 to 56 ms instead of 1
 * (docs/decisions/2026-11-27-pauses.md).
 */
export function endOverdue(pool: pg.Pool, ms: number): () => void {
  const acquired = new Map<pg.PoolClient, number>()
  // By looks and not by the clock: while this process is kept from running, answers that have come wait for it.
  const look = () => {
    for (const [client, looks] of acquired) {
      acquired.set(client, looks + 1)
      if (looks * LOOK_MS >= ms) end(client)
    }
  }
  const timer = setInterval(look, LOOK_MS).unref()
  pool.on('acquire', (client) => acquired.set(client, 0))
  pool.on('release', (_, client) => acquired.delete(client))
  return () => clearInterval(timer)
}

/** A query under way on it fails. A pool's clients have no `end` by their type, so that none is ended by mistake. */
function end(client: pg.PoolClient): void {
  void (client as unknown as pg.Client).end()
}
