import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { Supervisor } from '../../cli/supervisor.ts'
import { migrate } from '../../db/migrate.ts'
import { startRun } from '../../db/runs.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { EFFECTS, effectful, GATE, WHOLE } from '../cli/configs/effects.ts'
import { FragilePostgres } from '../support/outage.ts'
import { size } from '../support/size.ts'
import { finished } from '../support/wait.ts'

const script = join(import.meta.dirname, '../../cli/main.ts')
const config = join(import.meta.dirname, '../cli/configs/effects.ts')

/** At full size so long that the worker that is started meanwhile finds nobody, nor does the next. */
const OUTAGE_MS = size(500, 2_500)

const postgres = await FragilePostgres.start()
after(() => postgres[Symbol.asyncDispose]())
await migrate(postgres.url)
await using setUp = await connect()
await setUp.query(EFFECTS)
await registerWorkflows(setUp, [effectful])

/** What is held while a run ends, so that the end of Postgres finds the worker waiting for it. */
const ENDINGS = {
  'writes the end of a run': { hold: 'select from stepcast.runs where id = $1 for no key update', status: 'running' },
  'has written it, and completes its job': {
    hold: `select from graphile_worker._private_jobs where payload ->> 'run' = $1 for update`,
    status: 'completed',
  },
}

for (const [moment, { hold, status }] of Object.entries(ENDINGS)) {
  test(`Postgres restarts while a worker ${moment}: the run completes, every effect once`, async () => {
    await using worker = superviseWorker()
    await using session = await connect()
    const id = await startHeld(session, 'three')
    await session.query('begin')
    await session.query(hold, [id])
    await session.query('select pg_advisory_unlock($1)', [GATE])
    await until(async () => (await isWaitedFor(session)) && (await statusOf(id)) === status)
    await postgres.stop()
    await sleep(OUTAGE_MS)
    await postgres.comeBack()
    await assertWhole(id, worker.output)
  })
}

/** The whole machine includes Postgres: it alone is tried in the long run. */
const CRASHES = {
  ...size({}, { 'Postgres is killed': () => postgres.kill() }),
  'the whole machine dies': async () => postgres.kill([await workerProcess()]),
}

for (const [what, crash] of Object.entries(CRASHES)) {
  for (const effect of size(['two/b'], WHOLE)) {
    test(`${what} at “${effect}”: once it is back the run completes, every effect once`, async () => {
      await using worker = superviseWorker()
      await using session = await connect()
      const id = await startHeld(session, effect)
      await crash()
      await postgres.comeBack()
      await assertWhole(id, worker.output)
    })
  }
}

function superviseWorker() {
  const lines: string[] = []
  const env = { ...process.env, DATABASE_URL: postgres.url }
  const supervisor = new Supervisor({
    script,
    args: ['worker', '--workflows', config],
    env,
    print: (line) => lines.push(line),
  })
  return { output: () => lines.join('\n'), [Symbol.asyncDispose]: () => supervisor.stop() }
}

/** A session that may break. */
async function connect(): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client(postgres.url)
  client.on('error', () => {})
  await client.connect()
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() })
}

async function rows<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
  await using client = await connect()
  return (await client.query<Row>(sql, values)).rows
}

/** Resolves to a run whose worker waits, with its last effect not committed yet, for `session`. */
async function startHeld(session: pg.Client, stopAt: string): Promise<string> {
  await session.query('select pg_advisory_lock($1)', [GATE])
  const { id } = await startRun(session, { tenant: 'default', actor: 'test', workflow: 'effectful', input: { stopAt } })
  await until(() => isWaitedFor(session))
  return id
}

async function isWaitedFor(session: pg.Client): Promise<boolean> {
  const { rows } = await session.query(
    'select from pg_stat_activity where pg_backend_pid() = any (pg_blocking_pids(pid))',
  )
  return rows.length > 0
}

async function statusOf(id: string): Promise<unknown> {
  const [run] = await rows('select status from stepcast.runs where id = $1', [id])
  return run?.status
}

/** The worker that lives. */
async function workerProcess(): Promise<number> {
  const [worker] = await rows<{ name: string }>('select name from stepcast.workers where stepcast.worker_is_alive(id)')
  return Number(worker?.name.split(':').at(-1))
}

async function assertWhole(id: string, output: () => string): Promise<void> {
  const run = await finished(postgres.url, id)
  assert.equal(run.status, 'completed', output())
  const effects = await rows<{ effect: string }>('select effect from effects where run = $1 order by at', [id])
  assert.deepEqual(
    effects.map(({ effect }) => effect),
    WHOLE,
    output(),
  )
  await until(async () => (await rows('select from graphile_worker._private_jobs')).length === 0)
  assert.ok((await workerProcess()) > 0, output())
}

/** Of what nothing announces. The test's own timeout bounds it. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20)
}
