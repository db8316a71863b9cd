import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { endOverdue } from '../../server/overdue.ts'
import { useDatabase } from '../support/fixture.ts'
import { pollForRow } from '../support/wait.ts'

const db = await useDatabase()
const LONGEST_MS = 500

/** Nothing of this process runs meanwhile, timers neither. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

test('a connection is ended that is held too long, and its session with it, and none whose answer had to wait for this process', async () => {
  const pool = new pg.Pool({ connectionString: db.url })
  const stop = endOverdue(pool, LONGEST_MS)
  try {
    await pool.query('select')
    const answer = pool.query('select 1 as one')
    // Asked before the block, and looked at after it before what has come is read.
    await new Promise(setImmediate)
    block(4 * LONGEST_MS)
    assert.deepEqual((await answer).rows, [{ one: 1 }])
    await assert.rejects(pool.query("select pg_sleep_for('1 hour')"), /terminated/)
    await pollForRow(
      db.url,
      `select where not exists (
         select from pg_stat_activity where datname = current_database() and query like 'select pg_sleep_for%'
       )`,
    )
  } finally {
    stop()
    await pool.end()
  }
})
