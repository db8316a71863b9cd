import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { inTransactions, throughPooler } from '../../db/pooled.ts'
import { useDatabase } from '../support/fixture.ts'
import { pollForRow } from '../support/wait.ts'

const db = await useDatabase()

test('a connection that breaks under a query fails that query alone, and the next one has another', async () => {
  const pool = new pg.Pool({ connectionString: db.url, application_name: 'pooled', max: 1 })
  const pooled = inTransactions(throughPooler(pool))
  const broken = assert.rejects(pooled.query('select pg_sleep(60)'), { code: '57P01' })
  const sleeping = `from pg_stat_activity where application_name = 'pooled' and query like '%pg_sleep%'`
  await pollForRow(db.url, `select ${sleeping}`)
  await db.rows(`select pg_terminate_backend(pid) ${sleeping}`)
  await broken
  const { rows } = await pooled.query('select 1 as one')
  assert.deepEqual(rows, [{ one: 1 }])
  await pool.end()
})
