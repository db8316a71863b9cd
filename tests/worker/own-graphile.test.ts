import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { after, test } from 'node:test'
import { parseCronItems, run as runGraphile } from 'graphile-worker'
import pg from 'pg'
import { migrate } from '../../db/migrate.ts'
import { startRun } from '../../db/runs.ts'
import { startWorker, taskList } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { createDatabase } from '../support/database.ts'
import { useLogin } from '../support/login.ts'
import { finished } from '../support/wait.ts'
import { heard } from './ledger.ts'

const database = await createDatabase('template1')
await migrate(database.url, { graphileSchema: 'jobs_of_mine' })
const pool = new pg.Pool({ connectionString: database.url })
pool.on('error', () => {})
after(async () => {
  await pool.end()
  await database.drop()
})

const start = (workflow: string) => startRun(pool, { tenant: 'default', actor: 'test', workflow, input: {} })

test('an application’s own Graphile Worker, with a schema and tasks of its own, drives runs beside them', async () => {
  const greeting = workflow('greeting').step('greet', () => 'hello')
  const stepcast = await taskList([greeting], { databaseUrl: database.url })
  const mine = Promise.withResolvers<unknown>()
  const runner = await runGraphile({
    pgPool: pool,
    schema: 'jobs_of_mine',
    noHandleSignals: true,
    taskList: { ...stepcast.taskList, my_task: async (payload) => mine.resolve(payload) },
    parsedCronItems: parseCronItems(stepcast.cronItems),
  })
  await runner.addJob('my_task', { n: 1 })
  assert.deepEqual(await mine.promise, { n: 1 })
  assert.equal((await finished(database.url, (await start('greeting')).id)).output, 'hello')
  await runner.stop()
  await stepcast.stop()
  const { rows } = await pool.query("select from pg_namespace where nspname = 'graphile_worker'")
  assert.equal(rows.length, 0, 'no other schema was made')
  assert.equal((await pool.query('select from stepcast.workers')).rowCount, 0)
})

test('a worker of ours takes the schema from the database, and a later migrate keeps it', async () => {
  assert.deepEqual((await migrate(database.url)).pending, [])
  const plain = workflow('plain').step('work', () => 'done')
  await using _ = await startWorker({ workflows: [plain], databaseUrl: database.url })
  assert.equal((await finished(database.url, (await start('plain')).id)).output, 'done')
})

test('a worker that logs in with the worker’s role alone finds its jobs there', async () => {
  const login = await useLogin(
    { url: database.url, rows: async (sql, values) => (await pool.query(sql, values)).rows },
    'stepcast_worker',
  )
  const named = workflow('named').step('ask', async ({ tx }) => {
    const { rows } = await tx.query<{ role: string }>('select session_user as role')
    return rows[0]?.role
  })
  await using _ = await startWorker({ workflows: [named], databaseUrl: login.url })
  assert.equal((await finished(database.url, (await start('named')).id)).output, login.name)
})

test('a worker with which no run would begin is refused, in an application’s own Graphile Worker too', async () => {
  for (const concurrency of [0, -1, 1.5, NaN, 2 ** 31]) {
    const refused = {
      name: 'TypeError',
      message: new RegExp(`worker must be a whole number above 0.* not ${concurrency}$`),
    }
    const options = { databaseUrl: database.url, concurrency }
    await assert.rejects(startWorker({ workflows: [], ...options }), refused)
    await assert.rejects(taskList([], options), refused)
  }
})

test('a worker whose retention is no interval, or one without a unit, is refused', async () => {
  for (const retention of ['30', 'banana', '-3 days', '']) {
    const refused = {
      name: 'TypeError',
      message: `the retention of a worker must be an interval such as '30 days', not '${retention}'`,
    }
    const options = { databaseUrl: database.url, retention }
    await assert.rejects(startWorker({ workflows: [], ...options }), refused)
    await assert.rejects(taskList([], options), refused)
  }
})

test('a worker without the address of a database is refused, and takes none from the environment', async () => {
  const refused = (option: string, seen: string) => ({
    name: 'TypeError',
    message: `${option} of a worker must be the address of a database, which begins with postgres://, not ${seen}`,
  })
  const given: [unknown, string][] = [
    [undefined, 'undefined'],
    ['', 'a string that is empty'],
    ['127.0.0.1/secret', 'a string that begins otherwise'],
  ]
  for (const [databaseUrl, seen] of given) {
    const options = { databaseUrl: databaseUrl as string }
    await assert.rejects(startWorker({ workflows: [], ...options }), refused('databaseUrl', seen))
    await assert.rejects(taskList([], options), refused('databaseUrl', seen))
  }
  const options = { databaseUrl: database.url, listenUrl: '' }
  await assert.rejects(taskList([], options), refused('listenUrl', 'a string that is empty'))
})

test('a name that cannot be a schema is refused, and nothing is changed', async () => {
  await assert.rejects(migrate(database.url, { graphileSchema: 'a"; drop schema stepcast' }), /cannot be the schema/)
})

test('a handler in an application’s own Graphile Worker is told that its runner stops', async () => {
  const began = Promise.withResolvers<void>()
  const patient = workflow('patient').step('wait', async ({ signal }) => {
    began.resolve()
    await once(signal, 'abort')
    signal.throwIfAborted()
  })
  const stepcast = await taskList([patient], { databaseUrl: database.url })
  const preset = { worker: { gracefulShutdownAbortTimeout: 100, failJobBatchDelay: 0 } }
  const runner = await runGraphile({
    pgPool: pool,
    schema: 'jobs_of_mine',
    noHandleSignals: true,
    preset,
    taskList: stepcast.taskList,
  })
  const { id } = await start('patient')
  await began.promise
  await runner.stop()
  await stepcast.stop()
  const { rows } = await pool.query('select status, worker, crashes, faults from stepcast.runs where id = $1', [id])
  assert.deepEqual(rows, [{ status: 'running', worker: null, crashes: 0, faults: 0 }])
  await pool.query('select stepcast.cancel_run($1)', [id])
})

test('an application that is killed in a step: another one goes on, and the application’s own jobs stay', async () => {
  const killed: ChildProcess = fork(new URL('./own-graphile-process.ts', import.meta.url), [database.url, 'hang'])
  await heard(killed, 'ready')
  const inside = heard(killed, 'inside')
  const { id } = await start('shared_with_app')
  await inside
  const { rows } = await pool.query(
    "select id from jobs_of_mine.add_job('export', json_build_object('run', $1::text))",
    [id],
  )
  await pool.query(
    `update jobs_of_mine._private_jobs mine
     set locked_by = its.locked_by, locked_at = its.locked_at
     from jobs_of_mine._private_jobs its
     where mine.id = $1 and its.key = $2`,
    [rows[0]?.id, id],
  )
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  const other = fork(new URL('./own-graphile-process.ts', import.meta.url), [database.url, 'work'])
  after(() => other.kill('SIGKILL'))
  assert.equal((await finished(database.url, id)).output, 'done by another')
  const kept = await pool.query('select id from jobs_of_mine._private_jobs where id = $1', [rows[0]?.id])
  assert.equal(kept.rowCount, 1)
})
