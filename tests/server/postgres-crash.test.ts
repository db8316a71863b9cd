import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { migrate } from '../../db/migrate.ts'
import { flushReports } from '../../db/reports.ts'
import { startRun } from '../../db/runs.ts'
import { registerWorker } from '../../db/workers.ts'
import { startServer } from '../../server/start.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { workflow } from '../../worker/workflow.ts'
import { claim } from '../db/claim.ts'
import { FragilePostgres } from '../support/outage.ts'
import { TestStream } from './stream.ts'

/** Asynchronous commits stay in memory until something else is flushed: ten seconds are for ever here. */
const LOSING = {
  wal_writer_delay: '10s',
  wal_writer_flush_after: '1GB',
  bgwriter_delay: '10s',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url)
  client.on('error', () => {})
  await client.connect()
  return client
}

test('Postgres is killed with ticks that only watchers have seen: they end equal to the rows', async () => {
  await using postgres = await FragilePostgres.start(LOSING)
  await migrate(postgres.url)
  const session = await connect(postgres.url)
  await registerWorkflows(session, [workflow('ticking').step('work', () => {})])
  const worker = await registerWorker(session, 'test', 'stepcast test worker')
  const { id } = await startRun(session, { tenant: 'default', actor: 'test', workflow: 'ticking', input: {} })
  const { lease, step } = await claim(session, id, worker)
  const report = (progress: number) => ({
    run: id,
    lease,
    step: step.id,
    progress,
    message: null,
    messages: null,
    metadata: null,
  })

  await using server = await startServer({ databaseUrl: postgres.url, port: 0, pollMs: 200 })
  using stream = await (await TestStream.ofMany(server.url, [{ run: id }])).ready()
  for (let progress = 1; progress <= 60; progress++) await flushReports(session, [report(progress)], [])
  await stream.until(() => stream.state(id).steps[0]?.progress === 60)
  await postgres.kill()
  await postgres.comeBack()
  const client = await connect(postgres.url)
  const { rows } = await client.query<{ progress: number; revision: string }>(
    'select progress, revision from stepcast.runs where id = $1',
    [id],
  )
  const [row] = rows
  assert.ok(row && row.progress < 60, `the crash lost ticks: the row is at ${row?.progress}`)
  await stream.until(() => stream.state(id).run?.progress === row.progress)
  assert.equal(stream.state(id).run?.revision, Number(row.revision))
  await client.end()
})
