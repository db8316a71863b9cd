import pg from 'pg'
import { actAs } from '../db/workers.ts'
import { workerName } from './life.ts'

/** A worker's connections, apart so that nobody waits for somebody who waits for them. */
export interface Pools {
  /** For transactions of handlers, which may hold theirs for as long as they run. */
  handlers: pg.Pool
  /** For the engine's own statements, some of which wait for a row. */
  db: pg.Pool
  /** For the flusher, which never waits. */
  reports: pg.Pool
  /** For the announcer, which waits for a lock of the whole cluster. */
  announcements: pg.Pool
}

/** Connections are made as they are needed, and closed after ten idle seconds. */
export function openPools(
  connectionString: string,
  application_name: string,
  concurrency: number,
  onError: (error: Error) => void,
): Pools {
  const open = (max: number) => {
    const pool = new pg.Pool({
      connectionString,
      application_name,
      max,
      keepAlive: true,
      onConnect: (client) => actAs(client, `worker ${workerName()}`),
    })
    return pool.on('error', onError)
  }
  return { handlers: open(concurrency * 2), db: open(concurrency + 2), reports: open(1), announcements: open(1) }
}

export async function endPools(pools: Pools): Promise<void> {
  await Promise.all(Object.values(pools).map((pool: pg.Pool) => pool.end()))
}
