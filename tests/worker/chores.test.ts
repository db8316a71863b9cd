import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { startRun } from '../../db/runs.ts'
import { lead, requeueLostRuns, takeOver } from '../../db/workers.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { startWorker, taskList } from '../../worker/start.ts'
import { cronFor } from '../../worker/tasks.ts'
import { workflow } from '../../worker/workflow.ts'
import { createDatabase, execute } from '../support/database.ts'
import { useDatabase } from '../support/fixture.ts'
import { endWaiting, finished, pollForRow, waitForRow } from '../support/wait.ts'

const db = await useDatabase()
const plain = workflow('plain').step('work', () => {})
const start = () => startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'plain', input: {} })

test('cron gives the watchdog to one worker every five minutes, and the purge every night where something is to go', () => {
  assert.deepEqual(
    cronFor({}).map(({ task, match }) => [task, match]),
    [['stepcast:watchdog', '*/5 * * * *']],
  )
  assert.deepEqual(
    cronFor({ watchdog: '* * * * *', retention: '30 days' }).map(({ task, match }) => [task, match]),
    [
      ['stepcast:watchdog', '* * * * *'],
      ['stepcast:purge', '17 3 * * *'],
    ],
  )
})

test('a worker that keeps everything takes no purge from those that do not', async () => {
  for (const retention of [undefined, '30 days']) {
    const stepcast = await taskList([plain], { databaseUrl: db.url, ...(retention && { retention }) })
    assert.equal('stepcast:purge' in stepcast.taskList, retention !== undefined)
    await stepcast.stop()
  }
})

test('the nightly purge deletes what ended longer ago than it is to be kept, and nothing else', async () => {
  await using _ = await startWorker({ workflows: [plain], databaseUrl: db.url, retention: '1 hour' })
  const [old, recent] = [await start(), await start()]
  for (const { id } of [old, recent]) await finished(db.url, id)
  await db.rows(
    `update stepcast.runs
     set started_at = started_at - interval '2 hours', completed_at = completed_at - interval '2 hours', revision = revision + 1
     where id = $1`,
    [old.id],
  )
  await db.rows("select graphile_worker.add_job('stepcast:purge')")
  await pollForRow(db.url, 'select where not exists (select from stepcast.runs where id = $1)', [old.id])
  assert.equal(await db.value('select count(*)::integer from stepcast.runs where id = $1', [recent.id]), 1)
})

test('the watchdog’s task ends what is stuck', async () => {
  const hanging = workflow('hanging').step(
    'work',
    ({ signal }) => new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  )
  await using _ = await startWorker({ workflows: [hanging], databaseUrl: db.url })
  const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'hanging', input: {} })
  await waitForRow(db.url, "select from stepcast.steps where run_id = $1 and status = 'running'", [id])
  await db.rows(
    "update stepcast.steps set updated_at = updated_at - interval '11 minutes', revision = revision + 1 where run_id = $1",
    [id],
  )
  await db.rows("select graphile_worker.add_job('stepcast:watchdog')")
  assert.match(String((await finished(db.url, id)).error), /^stuck/)
})

test('a run that has neither a worker nor a job is found and goes on', async () => {
  await using _ = await startWorker({ workflows: [plain], databaseUrl: db.url })
  const { id } = await startRun(db.pool, {
    tenant: 'default',
    actor: 'test',
    workflow: 'plain',
    input: {},
    runAt: new Date(Date.now() + 3_600_000).toISOString(),
  })
  await db.rows('delete from graphile_worker._private_jobs where key = $1', [id])
  await db.rows(
    "update stepcast.runs set run_at = now() - interval '1 minute', updated_at = now() - interval '1 minute', revision = revision + 1 where id = $1",
    [id],
  )
  await db.rows("update stepcast.chores set done_at = 'epoch'")
  assert.equal((await finished(db.url, id)).status, 'completed')
})

test('a run that has lost its job behind a long backlog is queued again, and that is looked at in parts', async () => {
  await registerWorkflows(db.pool, [plain, workflow('unserved').step('work', () => {})])
  const session = await db.pool.connect()
  await session.query('set session_replication_role = replica')
  await session.query(
    `insert into stepcast.runs (id, workflow, workflow_version, display_name, run_at, updated_at)
     select stepcast.uuid_v7(now() - interval '1 hour'), name, version, 'Unserved', now() - interval '1 hour', now() - interval '1 hour'
     from stepcast.workflows
     cross join generate_series(1, 6000)
     where name = 'unserved'`,
  )
  await session.query('set session_replication_role = origin')
  session.release()
  await db.rows("select stepcast.queue_new_runs(array_agg(r)) from stepcast.runs r where workflow = 'unserved'")
  const { id } = await start()
  await db.rows('delete from graphile_worker._private_jobs where key = $1', [id])
  await db.rows(
    "update stepcast.runs set run_at = now() - interval '1 minute', updated_at = now() - interval '1 minute', revision = revision + 1 where id = $1",
    [id],
  )
  await db.rows("update stepcast.chores set done_at = 'epoch'")
  const first = await requeueLostRuns(db.pool, null)
  assert.deepEqual([first.queued, first.place === null], [[], false])
  // Others may take this turn, but begin at the beginning.
  assert.deepEqual(await requeueLostRuns(db.pool, null), { queued: [], place: null })
  await db.rows("update stepcast.chores set done_at = 'epoch'")
  await using _ = await startWorker({ workflows: [plain], databaseUrl: db.url })
  assert.equal((await finished(db.url, id)).status, 'completed')
})

test('a chore that was last done by a clock that was ahead goes on', async () => {
  await using copy = await createDatabase()
  await execute(copy.url, "update stepcast.chores set done_at = now() + interval '1 hour' where name = 'requeue'")
  await using pool = Object.assign(new pg.Pool({ connectionString: copy.url }), {
    [Symbol.asyncDispose]: () => pool.end(),
  })
  const { rows } = await pool.query("select stepcast.take_chore('requeue', '10 seconds') as mine")
  assert.deepEqual(rows, [{ mine: true }])
})

test('of several workers one leads, for as long as its session lives, and then another', async () => {
  await using database = await createDatabase()
  const [first, second] = [new pg.Client(database.url), new pg.Client(database.url)]
  for (const client of [first, second]) await client.connect()
  assert.deepEqual([await lead(first), await lead(second)], [true, false])
  await first.end()
  await pollForRow(
    database.url,
    'select where not exists (select from pg_locks where classid = stepcast.worker_lock_class()::oid and database = (select oid from pg_database where datname = current_database()))',
  )
  assert.equal(await lead(second), true)
  await second.end()
  await endWaiting(database.url)
})

test('who takes over on a copy of a database ends what is left of a worker there, and leaves the one of the original alone', async () => {
  const name = 'stepcast worker of both'
  await using original = await createDatabase()
  await execute(original.url, `insert into stepcast.workers (name, application_name) values ('both', '${name}')`)
  await using copy = await createDatabase(new URL(original.url).pathname.slice(1))
  const sessions = [original, copy].map(({ url }) => new pg.Client({ connectionString: url, application_name: name }))
  const [alive, left] = sessions as [pg.Client, pg.Client]
  const ended = new Promise((resolve) => left.on('error', resolve))
  for (const session of sessions) await session.connect()
  await using pool = Object.assign(new pg.Pool({ connectionString: copy.url }), {
    [Symbol.asyncDispose]: () => pool.end(),
  })
  assert.deepEqual(await takeOver(pool), [{ dead: 'both', runs: 0 }])
  await ended
  await alive.query('select')
  await alive.end()
})
