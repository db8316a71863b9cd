import pg from 'pg'
import { actAs } from '../db/workers.ts'
import { workerName } from './life.ts'

/** A worker's connections, apart so that nobody waits for somebody who waits for them. */
export interface Pools {
  /**
   * For transactions of handlers, which may hold theirs for as long as they run: of steps (depth 0), of their sub-steps (1) and
   * so on, each with a pool of its own, because a step may hold one while its sub-step waits for another.
   */
  handlers: (depth: number) => pg.Pool
  /** For the engine's own statements, some of which wait for a row. */
  db: pg.Pool
  /** For the flusher, which never waits. */
  reports: pg.Pool
  /** For the announcer, which waits for a lock of the whole cluster. */
  announcements: pg.Pool
  end(): Promise<void>
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
  const byDepth: pg.Pool[] = []
  const handlers = (depth: number) => {
    byDepth[depth] ??= open(concurrency * 2)
    return byDepth[depth]
  }
  const others = { db: open(concurrency + 2), reports: open(1), announcements: open(1) }
  const end = async () => {
    await Promise.all([...byDepth, ...Object.values(others)].map((pool) => pool.end()))
  }
  return { handlers, ...others, end }
}
