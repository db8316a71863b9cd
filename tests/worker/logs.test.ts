import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { startRun } from '../../db/runs.ts'
import { workerName } from '../../worker/life.ts'
import { openPools } from '../../worker/pools.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { finished } from '../support/wait.ts'

const db = await useDatabase()

test('what a worker logs of an attempt names worker, run, step and attempt', async () => {
  const lines: { fields: Record<string, unknown>; message: string }[] = []
  const log = (fields: object, message: string) => void lines.push({ fields: { ...fields }, message })
  const logger = { debug: log, info: log, warn: log, error: log }
  const flow = workflow('logged').step('bad', () => Promise.reject(new Error('it broke')))
  const worker = await startWorker({ workflows: [flow], databaseUrl: db.url, logger })
  const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'logged', input: {} })
  await finished(db.url, id)
  await worker.stop()
  const of = (message: string) => lines.find((line) => line.message === message)?.fields
  const place = { worker: workerName(), run: id, step: 'bad', attempt: 1 }
  assert.deepEqual(of('an attempt of a step failed'), { ...place, reason: 'it broke' })
  assert.deepEqual(of('an attempt of a step is over here'), { ...place, outcome: 'failed' })
  assert.deepEqual(
    lines.filter(({ fields }) => fields.worker !== workerName()),
    [],
    'every line names the worker',
  )
})

test('what a handler left behind logs nothing more once its step has completed', async () => {
  let log: ((message: string) => void) | undefined
  const leaving = workflow('leaving')
    .step('first', (ctx) => {
      log = ctx.log
      ctx.log('in time')
    })
    .step('second', () => log?.('too late'))
  await using _ = await startWorker({ workflows: [leaving], databaseUrl: db.url })
  const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'leaving', input: {} })
  await finished(db.url, id)
  assert.deepEqual(await db.rows('select message from stepcast.logs where run_id = $1', [id]), [{ message: 'in time' }])
})

test('all that a step logs before its end is kept, however long it takes to write, and what it left behind does not delay that', async () => {
  await db.rows(`
    create function slow_disk() returns trigger language plpgsql as 'begin perform pg_sleep(0.3); return null; end';
    create trigger slow_disk after insert on stepcast.logs execute function slow_disk()`)
  let timer: NodeJS.Timeout | undefined
  const telling = workflow('telling').step('all', (ctx) => {
    for (let i = 0; i < 3_000; i++) ctx.log(`line ${i}`)
    timer = setInterval(() => ctx.log('more'), 1)
  })
  await using _ = await startWorker({ workflows: [telling], databaseUrl: db.url })
  const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'telling', input: {} })
  await finished(db.url, id)
  clearInterval(timer)
  await db.rows('drop function slow_disk cascade')
  const kept = "select count(*)::integer from stepcast.logs where run_id = $1 and message like 'line %'"
  assert.equal(await db.value(kept, [id]), 3_000)
})

test('all that a step logged and reported before its worker is stopped is written before its run is handed over', async () => {
  const ready = Promise.withResolvers<void>()
  const endless = workflow('endless').step('all', async (ctx) => {
    for (let i = 0; i < 1_200; i++) ctx.log(`line ${i}`)
    ctx.report(42, 'nearly half')
    ready.resolve()
    await once(ctx.signal, 'abort')
  })
  const worker = await startWorker({ workflows: [endless], databaseUrl: db.url })
  const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'endless', input: {} })
  await ready.promise
  await worker.stop()
  assert.deepEqual(
    await db.rows(
      `select progress, message, (select count(*)::integer from stepcast.logs l where l.run_id = s.run_id) as lines
       from stepcast.steps s where run_id = $1`,
      [id],
    ),
    [{ progress: 42, message: 'nearly half', lines: 1_200 }],
  )
})

test('the error of a connection that a worker lost, which it logs, has no keys of the session', async () => {
  const lost = Promise.withResolvers<Error>()
  const urls = { databaseUrl: db.url, listenUrl: db.url }
  const pools = openPools({ ...urls, applicationName: 'lost', concurrency: 1, onError: lost.resolve })
  const { rows } = await pools.db.query<{ pid: number }>('select pg_backend_pid() as pid')
  await db.rows('select pg_terminate_backend($1)', [rows[0]?.pid])
  assert(!('client' in (await lost.promise)))
  await pools.end()
})
