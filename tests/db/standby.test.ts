import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { readReplica } from '../../db/health.ts'
import { execute } from '../support/database.ts'
import { startPair } from '../support/standby.ts'
import { pollForRow } from '../support/wait.ts'

test('a standby tells a live worker from a dead one by its beat, whose lock it does not see', {
  timeout: 60_000,
}, async () => {
  await using pair = await startPair()
  const [primary, standby] = [new pg.Client(pair.primary.url), new pg.Client(pair.standby.url)]
  for (const client of [primary, standby]) {
    client.on('error', () => {})
    await client.connect()
  }
  await primary.query("select stepcast.register_workflow('job', '1', null, null, '[\"work\"]', null, '{}')")
  const { rows } = await primary.query<{ run: string }>("select stepcast.start_run('job') as run")
  await primary.query(
    "select stepcast.register_worker('alive', 'stepcast worker', array[stepcast.task_name('job', '1')])",
  )
  await pollForRow(pair.standby.url, 'select from stepcast.workers')
  const stuck = async (client: pg.Client) => (await client.query('select id, reason from stepcast.stuck_runs')).rows
  assert.deepEqual([await stuck(primary), await stuck(standby)], [[], []])
  await primary.query("update stepcast.workers set beat_at = beat_at - interval '1 hour'")
  await pollForRow(pair.standby.url, 'select from stepcast.stuck_runs')
  assert.deepEqual(await stuck(standby), [{ id: rows[0]?.run, reason: 'no-worker' }])
  await Promise.all([primary.end(), standby.end()])
})

test('a standby that receives nothing is behind by the age of what it has', { timeout: 60_000 }, async () => {
  await using pair = await startPair()
  const standby = new pg.Client(pair.standby.url)
  standby.on('error', () => {})
  await standby.connect()
  await execute(pair.primary.url, `select stepcast.open_run('import', '["load"]')`)
  await pollForRow(pair.standby.url, 'select from stepcast.runs')
  await pair.primary.stop()
  await pollForRow(pair.standby.url, 'select where not exists (select from pg_stat_wal_receiver)')
  const { isReplica, lagMs } = await readReplica(standby)
  assert.ok(isReplica && lagMs !== null && lagMs > 0, `behind by ${lagMs} ms`)
  await standby.end()
})
