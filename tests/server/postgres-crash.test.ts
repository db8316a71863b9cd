import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import type { Postgres } from '../../cli/postgres/start.ts'
import { migrate } from '../../db/migrate.ts'
import { flushReports } from '../../db/reports.ts'
import { startRun } from '../../db/runs.ts'
import { registerWorker } from '../../db/workers.ts'
import { startServer } from '../../server/start.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { workflow } from '../../worker/workflow.ts'
import { claim } from '../db/claim.ts'
import { temporaryFolder } from '../support/folder.ts'
import { startOwnPostgres } from '../support/postgres.ts'
import { TestStream } from './stream.ts'

/** Asynchronous commits stay in memory until something else is flushed: ten seconds are for ever here. */
const LOSING = {
  wal_writer_delay: '10s',
  wal_writer_flush_after: '1GB',
  bgwriter_delay: '10s',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** On the same port every time, as a database that comes back is. */
async function start(folder: string, port: number): Promise<Postgres & { at: string }> {
  const postgres = await startOwnPostgres({ folder, settings: { port, ...LOSING } })
  const at = new URL(postgres.url)
  at.port = String(port)
  return Object.assign(postgres, { at: at.href })
}

async function kill({ folder }: Postgres): Promise<void> {
  const [postmaster] = (await readFile(join(folder, 'data/postmaster.pid'), 'utf8')).split('\n')
  process.kill(Number(postmaster), 'SIGKILL')
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url)
  client.on('error', () => {})
  await client.connect()
  return client
}

test('Postgres is killed with ticks that only watchers have seen: they end equal to the rows', async () => {
  await using temporary = await temporaryFolder()
  const [folder, port] = [join(temporary.path, 'postgres'), await freePort()]
  const before = await start(folder, port)
  await migrate(before.at)
  const session = await connect(before.at)
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

  await using server = await startServer({ databaseUrl: before.at, port: 0, pollMs: 200 })
  using stream = await (await TestStream.ofMany(server.url, [{ run: id }])).ready()
  for (let progress = 1; progress <= 60; progress++) await flushReports(session, [report(progress)], [])
  await stream.until(() => stream.state(id).steps[0]?.progress === 60)
  await kill(before)
  await before.stop()

  await using after = await start(folder, port)
  const client = await connect(after.at)
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
