import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { createDatabase } from './database.ts'

const END_MS = 2_000

/** A test file's database and a pool on it, closed after its tests. */
export interface Fixture {
  readonly url: string
  readonly pool: pg.Pool
  /** The rows of one statement. */
  rows<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>
  /** The one value of one statement. */
  value<T>(sql: string, values?: unknown[]): Promise<T>
}

export async function useDatabase(): Promise<Fixture> {
  const database = await createDatabase()
  const pool = new pg.Pool({ connectionString: database.url, max: 20 })
  // Tests end other people's connections; their own queries report what matters.
  pool.on('error', () => {})
  after(async () => {
    // A failed test may have left a client of the pool in use: dropping the database ends its connection.
    await Promise.race([pool.end(), sleep(END_MS, undefined, { ref: false })])
    await database.drop()
  })
  const rows = async <Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []) =>
    (await pool.query<Row>(sql, values)).rows
  const value = async <T>(sql: string, values: unknown[] = []) =>
    Object.values((await rows(sql, values))[0] ?? {})[0] as T
  return { url: database.url, pool, rows, value }
}
