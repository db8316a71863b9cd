import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { examine } from '../../cli/doctor/examine.ts'
import { readSettings } from '../../cli/settings.ts'
import { migrate } from '../../db/migrate.ts'
import { startRun } from '../../db/runs.ts'
import { startServer } from '../../server/start.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { TestStream } from '../server/stream.ts'
import { FragilePostgres } from '../support/outage.ts'
import { pollForRow } from '../support/wait.ts'

// The smallest queue there can be: 512 KiB. Before PostgreSQL 17 it always was 8 GB.
const postgres = await FragilePostgres.start({ max_notify_queue_pages: 64 })
after(() => postgres[Symbol.asyncDispose]())
await migrate(postgres.url)
const pool = new pg.Pool({ connectionString: postgres.url })
pool.on('error', () => {})
after(() => pool.end())
await pool.query('create table effects (run uuid)')

const opened = Promise.withResolvers<void>()
const effects = workflow('effects')
  .step('report', async (ctx) => {
    await opened.promise
    ctx.report(40, 'Underway')
    ctx.log('a line')
  })
  .step('write', (ctx) => ctx.tx.query('insert into effects values ($1)', [ctx.run.id]).then(() => {}))
const retried = workflow('retried').step('try', { retry: { attempts: 3, delay: '1s' } }, async (ctx) => {
  await opened.promise
  if (ctx.attempt === 1) throw new Error('not yet')
})
const doomed = workflow('doomed').step('fail', () => {
  throw new Error('no use')
})
const start = (name: string) =>
  startRun(pool, { tenant: 'default', actor: 'test', workflow: name, input: {} }).then(({ id }) => id)
const ended = (run: string) =>
  pollForRow(postgres.url, 'select from stepcast.runs where id = $1 and completed_at is not null', [run])

test('while a listener that does not read keeps the queue of notifications full, runs go on and are seen, nothing is lost or blamed; once it is gone, so is that', async () => {
  await using _ = await startWorker({ workflows: [effects, retried, doomed], databaseUrl: postgres.url })
  await using server = await startServer({ databaseUrl: postgres.url, port: 0, pollMs: 200 })
  const [failed, run, again] = [await start('doomed'), await start('effects'), await start('retried')]
  await ended(failed)
  await pollForRow(postgres.url, `select from stepcast.steps having count(*) filter (where status = 'running') = 2`)
  await using stream = await (await TestStream.ofMany(server.url, [{ run }])).ready()
  const listener = await fillQueue()
  opened.resolve()

  await ended(run)
  await stream.until(() => stream.state(run).run?.status === 'completed')
  const { rows } = await pool.query(
    `select r.status, array(select l.message from stepcast.logs l where l.run_id = r.id) as lines,
       (select count(*)::integer from effects e where e.run = r.id) as effects
     from stepcast.runs r where r.id = $1`,
    [run],
  )
  assert.deepEqual(rows, [{ status: 'completed', lines: ['a line'], effects: 1 }])
  // What queues a job again cannot be done, because Graphile Worker announces it; that is nobody's mistake.
  const refused = await fetch(`${server.url}/runs/${failed}/retry`, { method: 'POST' })
  assert.equal(refused.status, 503)
  const answer = await fetch(`${server.url}/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ workflow: 'effects', input: {}, key: 'started meanwhile' }),
  })
  assert.equal(answer.status, 201)
  await ended(((await answer.json()) as { run: { id: string } }).run.id)
  assert.deepEqual(await examineQueue(), ['fail', 'the queue of notifications is full'])

  await listener.end()
  await ended(again)
  const { rows: tries } = await pool.query(`select status, error from stepcast.steps where run_id = $1`, [again])
  assert.deepEqual(tries, [{ status: 'completed', error: null }])
})

/** Resolves to the session that keeps it full. */
async function fillQueue(): Promise<pg.Client> {
  const listener = new pg.Client(postgres.url)
  listener.on('error', () => {})
  await listener.connect()
  await listener.query('listen others')
  await listener.query('begin')
  await listener.query('select 1')
  const fill = async (): Promise<void> => {
    for (let i = 0; ; i++) await pool.query(`select pg_notify('others', repeat('-', 7900) || $1)`, [i])
  }
  await assert.rejects(fill(), /too many notifications/)
  return listener
}

async function examineQueue() {
  const patient = { settings: readSettings({}), pool, directUrl: postgres.url }
  for await (const { check, state, says } of examine(patient))
    if (check === 'listen') return [state, says.split(':')[0]]
  return null
}
