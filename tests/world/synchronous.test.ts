import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { checkCommits } from '../../cli/doctor/database.ts'
import { readSettings } from '../../cli/settings.ts'
import { migrate } from '../../db/migrate.ts'
import { startServer } from '../../server/start.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { ask, post } from '../server/bench.ts'
import { FragilePostgres } from '../support/outage.ts'
import { endWaiting, finished, pollForRow, waitForRow } from '../support/wait.ts'

const postgres = await FragilePostgres.start()
await migrate(postgres.url)
/** The test's own sessions wait for no standby. */
const own = `${postgres.url}?options=-c%20synchronous_commit%3Doff`
const pool = new pg.Pool({ connectionString: own })
after(async () => {
  await endWaiting(own)
  await pool.end()
  await postgres[Symbol.asyncDispose]()
})

/** Until it is disposed, each commit waits for a synchronous standby that does not answer. */
async function loseStandby(): Promise<AsyncDisposable> {
  await setStandby('nobody')
  return { [Symbol.asyncDispose]: () => setStandby('') }
}

async function setStandby(name: string): Promise<void> {
  await pool.query(`alter system set synchronous_standby_names = '${name}'`)
  await pool.query('select pg_reload_conf()')
  await pollForRow(own, `select where current_setting('synchronous_standby_names') = '${name}'`)
}

/** The sessions of whom wait for the standby. */
const waiting = (name: string) =>
  `select from pg_stat_activity where wait_event = 'SyncRep' and application_name like '${name}%'`

test('a synchronous standby is away: workers live on, reports arrive, and what waits for it goes on when it is back', {
  timeout: 60_000,
}, async () => {
  const gate = Promise.withResolvers<void>()
  const steady = workflow('steady')
    .step('wait', async (ctx) => {
      ctx.report(1)
      await gate.promise
      ctx.report(2)
    })
    .step('end', () => {})
  await using worker = await startWorker({ workflows: [steady], databaseUrl: postgres.url })
  const { rows } = await pool.query<{ run: string }>("select stepcast.start_run('steady') as run")
  const run = rows[0]?.run ?? ''
  await waitForRow(own, 'select from stepcast.steps where run_id = $1 and progress = 1', [run])
  {
    await using _ = await loseStandby()
    const { rows: before } = await pool.query<{ beat_at: Date }>('select beat_at from stepcast.workers')
    // A beat that waits for the standby ends the worker after 15 seconds.
    const beat = "select from stepcast.workers where beat_at > $1::timestamptz + interval '1 second'"
    await Promise.race([pollForRow(own, beat, [before[0]?.beat_at]), worker.done])
    gate.resolve()
    await waitForRow(own, 'select from stepcast.steps where run_id = $1 and progress = 2', [run])
    await pollForRow(own, waiting('stepcast worker'))
  }
  assert.equal((await finished(own, run)).status, 'completed')
  const { rows: attempts } = await pool.query('select attempt from stepcast.attempts where run_id = $1', [run])
  assert.deepEqual(attempts, [{ attempt: 1 }, { attempt: 1 }])
})

test('meanwhile a worker can start, and is there when it is back', { timeout: 60_000 }, async () => {
  const later = workflow('later').step('do', () => {})
  const first = await startWorker({ workflows: [later], databaseUrl: postgres.url })
  await first.stop()
  const standby = await loseStandby()
  await using _ = await startWorker({ workflows: [later], databaseUrl: postgres.url })
  await pollForRow(own, 'select from stepcast.live_workers()')
  await standby[Symbol.asyncDispose]()
})

test('a change over HTTP that waits for it is answered that it may have been done, and leaves no session behind', {
  timeout: 60_000,
}, async () => {
  await pool.query("select stepcast.register_workflow('job', '1', null, null, '[\"work\"]', null, '{}')")
  await using server = await startServer({ databaseUrl: postgres.url, port: 0, statementTimeoutMs: 500 })
  await using _ = await loseStandby()
  const answer = post(`${server.url}/runs`, { workflow: 'job', key: 'one' })
  await pollForRow(own, waiting('stepcast server'))
  assert.equal((await ask(`${server.url}/runs`)).status, 200)
  const { status, body } = await answer
  assert.equal(status, 503)
  assert.match(String(body.detail), /look first whether it has/)
  await pollForRow(own, `select where not exists (${waiting('stepcast server')})`)
  assert.equal((await ask(`${server.url}/workflows/job/keys/one`)).status, 200)
})

test('doctor says what commits wait for', { timeout: 60_000 }, async () => {
  const patient = { settings: readSettings({}), pool, directUrl: own }
  assert.equal((await checkCommits(patient)).state, 'ok')
  const writer = new pg.Client({ connectionString: postgres.url, application_name: 'writer' })
  await writer.connect()
  const standby = await loseStandby()
  const write = writer.query(`select stepcast.open_run('import', '["load"]')`)
  await pollForRow(own, `${waiting('writer')} and query_start < clock_timestamp() - interval '3 seconds'`)
  const { state, says } = await checkCommits(patient)
  assert.equal(state, 'fail')
  assert.match(says, /^1 wait for a synchronous standby, the first for \d+ s/)
  await standby[Symbol.asyncDispose]()
  await write
  await writer.end()
})
