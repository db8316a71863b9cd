import assert from 'node:assert/strict'
import { after, mock, test } from 'node:test'
import { Registry } from '@prometheus-io/client'
import pg from 'pg'
import { silent } from '../../db/logger.ts'
import { cancelRun, startRun } from '../../db/runs.ts'
import { registerWorker } from '../../db/workers.ts'
import { Flusher } from '../../worker/flusher.ts'
import { noMeter } from '../../worker/meter.ts'
import { meterIn } from '../../worker/metrics.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { startWorker } from '../../worker/start.ts'
import { Transaction } from '../../worker/transaction.ts'
import { workflow } from '../../worker/workflow.ts'
import { claim } from '../db/claim.ts'
import { parseExposition } from '../support/exposition.ts'
import { useDatabase } from '../support/fixture.ts'
import { finished, waitForRow } from '../support/wait.ts'

const db = await useDatabase()
const samples = async (registry: Registry) => parseExposition(await registry.metrics())
const start = async (name: string) =>
  (await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: name, input: {} })).id

const mixed = workflow('mixed')
  .step('good', (ctx) => ctx.report(50, 'half'))
  .step('unwanted', (ctx) => ctx.skip('not today'))
  .step('flaky', { retry: { attempts: 2, delay: '10ms' } }, (ctx) => {
    if (ctx.attempt === 1) throw new Error('once')
  })
const failing = workflow('failing').step('bad', () => Promise.reject(new Error('always')))

test('jobs, attempts, runs and flushes are counted by what came of them', async () => {
  const metrics = new Registry()
  const worker = await startWorker({ workflows: [mixed, failing], databaseUrl: db.url, metrics })
  for (const run of [await start('mixed'), await start('failing')]) await finished(db.url, run)
  await worker.stop()
  const counted = await samples(metrics)
  const attempts = (flow: string, step: string, outcome: string) =>
    counted.get(`stepcast_attempts_total{workflow="${flow}",step="${step}",outcome="${outcome}"}`)
  assert.equal(attempts('mixed', 'good', 'completed'), 1)
  assert.equal(attempts('mixed', 'unwanted', 'skipped'), 1)
  assert.equal(attempts('mixed', 'flaky', 'failed'), 1)
  assert.equal(attempts('mixed', 'flaky', 'completed'), 1)
  assert.equal(attempts('failing', 'bad', 'failed'), 1)
  assert.equal(counted.get('stepcast_runs_finished_total{workflow="mixed",status="completed"}'), 1)
  assert.equal(counted.get('stepcast_runs_finished_total{workflow="failing",status="failed"}'), 1)
  assert.equal(counted.get('stepcast_jobs_total{workflow="failing",outcome="driven"}'), 1)
  assert.equal(counted.get('stepcast_driven_runs'), 0)
  assert.ok((counted.get('stepcast_flush_duration_seconds_count') ?? 0) >= 1)
  assert.ok((counted.get('stepcast_flush_reports_sum') ?? 0) >= 1)
})

test('a try that is cancelled is dropped, not failed', async () => {
  const endless = workflow('endless').step(
    'wait',
    (ctx) =>
      new Promise((_, reject) => {
        ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason))
      }),
  )
  const metrics = new Registry()
  const worker = await startWorker({ workflows: [endless], databaseUrl: db.url, metrics })
  const run = await start('endless')
  await waitForRow(db.url, "select from stepcast.steps where run_id = $1 and status = 'running'", [run])
  assert.equal((await samples(metrics)).get('stepcast_driven_runs'), 1)
  await cancelRun(db.pool, { tenant: 'default', actor: 'test', run })
  await worker.stop()
  const counted = await samples(metrics)
  assert.equal(counted.get('stepcast_attempts_total{workflow="endless",step="wait",outcome="dropped"}'), 1)
})

/** A run in the hands of a worker that nobody is behind. */
async function claimFor(session: pg.Client, workflowName: string) {
  const worker = await registerWorker(session, 'doomed', `stepcast test ${workflowName}`)
  return claim(db.pool, await start(workflowName), worker)
}

test('runs that are taken over from a dead worker are counted', async () => {
  const left = workflow('left').step('work', () => {})
  await registerWorkflows(db.pool, [left])
  const session = new pg.Client(db.url)
  await session.connect()
  const { run } = await claimFor(session, 'left')
  await session.end()
  const metrics = new Registry()
  const worker = await startWorker({ workflows: [left], databaseUrl: db.url, metrics })
  assert.equal((await finished(db.url, run)).status, 'completed')
  await worker.stop()
  assert.equal((await samples(metrics)).get('stepcast_lease_takeovers_total'), 1)
})

test('a report under a stale lease is a fenced write', async () => {
  const stale = workflow('stale').step('work', () => {})
  await registerWorkflows(db.pool, [stale])
  const session = new pg.Client(db.url)
  session.on('error', () => {})
  await session.connect()
  after(() => session.end())
  const { run, lease, step } = await claimFor(session, 'stale')
  await cancelRun(db.pool, { tenant: 'default', actor: 'test', run })
  const metrics = new Registry()
  const flusher = new Flusher(db.pool, silent, meterIn(metrics))
  const fenced = new Promise<void>((fence) => {
    const report = { run, lease, step: step.id, progress: 10, message: null, messages: null, metadata: null }
    flusher.report({ fence }, report)
  })
  await fenced
  await flusher.stop()
  assert.equal((await samples(metrics)).get('stepcast_fenced_writes_total'), 1)
})

test('a transaction that is open for 30 s is counted and logged, once, with its run and step', async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const metrics = new Registry()
  const lines: object[] = []
  const logger = { ...silent, warn: (line: object) => lines.push(line) }
  // A pool of its own: a mocked clock does not stop the real timers of one that is in use.
  const pool = new pg.Pool({ connectionString: db.url })
  const tx = new Transaction(pool, { logger, meter: meterIn(metrics) }, 'step load of run 7')
  await tx.query('select 1')
  mock.timers.tick(29_999)
  const early = (await samples(metrics)).get('stepcast_long_transactions_total')
  mock.timers.tick(60_000)
  mock.timers.reset()
  await tx.rollback()
  await pool.end()
  assert.equal(early, 0)
  assert.equal((await samples(metrics)).get('stepcast_long_transactions_total'), 1)
  assert.deepEqual(lines, [{ tx: 'step load of run 7', ms: 30_000 }])
})

test('workers that share a registry are counted together; one without it counts nothing', async () => {
  const metrics = new Registry()
  const [one, other] = [meterIn(metrics), meterIn(metrics)]
  one.openedLong()
  other.openedLong()
  noMeter.openedLong()
  assert.equal((await samples(metrics)).get('stepcast_long_transactions_total'), 2)
})
