import assert from 'node:assert/strict'
import { test } from 'node:test'
import type pg from 'pg'
import { registerWorkflows } from '../../worker/register.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'

const db = await useDatabase()
await registerWorkflows(db.pool, [workflow('nightly').step('work', () => {})])

/** Rows of a table and entries of its indexes that one statement reads, after one like it has planned what it calls. */
async function reads(client: pg.PoolClient, table: string, sql: string, values: unknown[]): Promise<number> {
  const read = async () => {
    const { rows } = await client.query<{ read: string }>(
      `select pg_stat_get_xact_tuples_returned($1::regclass) + sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) as read
       from pg_index i
       where i.indrelid = $1::regclass`,
      [table],
    )
    return Number(rows[0]?.read)
  }
  await client.query(sql, values)
  const before = await read()
  await client.query(sql, values)
  return (await read()) - before
}

/** Within a transaction that is rolled back. */
async function rolledBack<T>(body: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await db.pool.connect()
  try {
    await client.query('begin')
    return await body(client)
  } finally {
    await client.query('rollback')
    client.release()
  }
}

test('a start under a key reads the same however many runs the key has had', async () => {
  await db.rows(
    `insert into stepcast.runs (id, workflow, workflow_version, key, display_name, status, progress, started_at, completed_at)
     select stepcast.uuid_v7(now() - n * interval '1 day'), 'nightly', 'old', 'backup', 'Nightly', 'completed', 100, now(), now()
     from generate_series(1, 3000) n`,
  )
  await db.rows('analyze stepcast.runs')
  for (const again of [true, false]) {
    const sql = "select stepcast.start_run('nightly', key => 'backup', again => $1)"
    assert.ok((await rolledBack((client) => reads(client, 'stepcast.runs', sql, [again]))) < 50, `again => ${again}`)
  }
})
