import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import type { Logger } from '../../db/logger.ts'
import { startServer } from '../../server/start.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { ask, post } from '../server/bench.ts'
import { TestStream } from '../server/stream.ts'
import { useDatabase } from '../support/fixture.ts'
import { useLogin } from '../support/login.ts'
import { finished, pollForRow } from '../support/wait.ts'

const db = await useDatabase()
await db.rows('create table pages (run uuid, page integer)')
await db.rows('grant insert on pages to stepcast_worker')
const worker = await useLogin(db, 'stepcast_worker')
const server = await useLogin(db, 'stepcast_server')

/** Keeps what goes wrong. */
function listening(): { logger: Logger; complaints: string[] } {
  const complaints: string[] = []
  const complain = ({ err }: { err?: Error }, message: string) => complaints.push(`${message}: ${err?.message}`)
  const logger = { debug: () => {}, info: () => {}, warn: complain, error: complain }
  return { logger, complaints }
}

const importing = workflow('importing')
  .step('read', { substeps: ['open'] }, async (ctx) => {
    ctx.report(10, 'Opening')
    ctx.log('opened')
    for (const page of [1, 2])
      await ctx.substep(`page ${page}`, async ({ tx }) => {
        await tx.query('insert into pages values ($1, $2)', [ctx.run.id, page])
      })
    return { pages: 2 }
  })
  .step('flaky', { retry: { attempts: 2, delay: 1 } }, (ctx) => {
    if (ctx.attempt === 1) throw new Error('not yet')
  })
  .step('write', async (ctx) => {
    await ctx.tx.query('insert into pages values ($1, 3)', [ctx.run.id])
  })
  .onEnd(async ({ tx, status }) => {
    await tx.query('insert into pages select null, 4 where $1 = $2', [status, 'completed'])
  })
const waiting = workflow('waiting', { concurrency: { key: '', limit: 1 } })
  .step(
    'wait',
    ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  )
  .onEnd(async ({ tx, run }) => {
    await tx.query('insert into pages values ($1, 5)', [run.id])
  })

test('a worker and a server that log in with their roles alone drive a run to its end, show it and operate on it', async () => {
  const { logger, complaints } = listening()
  const workflows = [importing, waiting]
  {
    await using _ = await startWorker({ workflows, databaseUrl: worker.url, retention: '1d', logger })
    await using running = await startServer({ databaseUrl: server.url, port: 0, logger })
    const { status, body } = await post(`${running.url}/runs`, { workflow: 'importing' })
    assert.equal(status, 201)
    const { run } = body
    using stream = await TestStream.open(`${running.url}/runs/${run.id}/events?logs=1`)
    await stream.closed()
    const state = stream.state(run.id)
    assert.deepEqual([state.run?.status, state.run?.progress], ['completed', 100])
    assert.deepEqual(
      await db.rows('select page from pages order by page'),
      [1, 2, 3, 4].map((page) => ({ page })),
    )

    const [first, second] = await Promise.all([1, 2].map(() => post(`${running.url}/runs`, { workflow: 'waiting' })))
    for (const { body } of [first, second] as { body: { run: { id: string } } }[]) {
      const cancelled = await post(`${running.url}/runs/${body.run.id}/cancel`, { reason: 'enough' })
      assert.equal(cancelled.status, 200)
      await pollForRow(db.url, 'select from pages where run = $1 and page = 5', [body.run.id])
    }
    for (const path of [
      '/runs',
      `/runs/${run.id}`,
      `/runs/${run.id}/logs`,
      `/runs/${run.id}/journal`,
      '/workflows',
      '/stats',
      '/readyz',
    ])
      assert.equal((await ask(running.url + path)).status, 200, path)
    const metrics = await ask(`${running.url}/metrics`)
    assert.match(String(metrics.body), /stepcast_workers 1/)
    assert.equal((await post(`${running.url}/runs/${run.id}/retry`, { from: 'write' })).status, 200)
    await finished(db.url, run.id)
    assert.equal((await ask(`${running.url}/runs/${run.id}`, { method: 'DELETE' })).status, 200)
    const journal = await db.rows<{ actor: string }>('select distinct actor from stepcast.journal where run_id = $1', [
      run.id,
    ])
    assert.ok(
      journal.some(({ actor }) => actor.startsWith('worker ')),
      'a worker is called by its name',
    )
  }
  assert.deepEqual(complaints, [])
  assert.deepEqual(await db.rows('select from stepcast.workers'), [])
})

test('a worker with its role alone ends what is left of a dead one, of another login, and takes over', async () => {
  const dead = await useLogin(db, 'stepcast_worker')
  const life = new pg.Client({ connectionString: dead.url, application_name: 'stepcast worker dead' })
  const stopped = new pg.Client({ connectionString: dead.url, application_name: 'stepcast worker dead' })
  stopped.on('error', () => {})
  await Promise.all([life.connect(), stopped.connect()])
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  stopped.on('end', resolve)
  await life.query("select stepcast.register_worker('dead', 'stepcast worker dead')")
  await stopped.query('begin')
  await life.end()
  await using _ = await startWorker({ workflows: [importing], databaseUrl: worker.url })
  await ended
})

test('under the name of another program a worker can be registered, and take none of its sessions along when it dies', async () => {
  const payroll = new pg.Client({ connectionString: db.url, application_name: 'payroll' })
  payroll.on('error', () => {})
  const taker = new pg.Client(worker.url)
  await Promise.all([payroll.connect(), taker.connect()])
  await taker.query("select stepcast.register_worker('feigned', 'payroll'), pg_advisory_unlock_all()")
  await db.rows("update stepcast.chores set done_at = 'epoch'")
  const { rows } = await taker.query('select dead from stepcast.take_over()')
  assert.deepEqual(rows, [{ dead: 'feigned' }])
  assert.equal((await payroll.query('select 1')).rowCount, 1)
  await Promise.all([payroll.end(), taker.end()])
})
