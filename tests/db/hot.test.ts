import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { migrate } from '../../db/migrate.ts'
import { flushReports } from '../../db/reports.ts'
import { startRun } from '../../db/runs.ts'
import { registerWorker } from '../../db/workers.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { workflow } from '../../worker/workflow.ts'
import { temporaryFolder } from '../support/folder.ts'
import { startOwnPostgres } from '../support/postgres.ts'
import { claim } from './claim.ts'

const RUNS = 50
const TICKS = 60

interface Counts {
  table: string
  updates: number
  hot: number
}

async function count(client: pg.Client): Promise<Counts[]> {
  await client.query('select pg_stat_force_next_flush()')
  const { rows } = await client.query<Counts>(
    `select relname as table, n_tup_upd::integer as updates, n_tup_hot_upd::integer as hot
     from pg_stat_user_tables
     where schemaname = 'stepcast' and relname in ('runs', 'steps')
     order by relname`,
  )
  return rows
}

/** In a Postgres of its own: an open transaction anywhere else, in any database, can hold back the pruning of pages. */
test('at least nine ticks in ten are HOT updates, of steps and of runs', async () => {
  await using temporary = await temporaryFolder()
  await using postgres = await startOwnPostgres({
    folder: join(temporary.path, 'postgres'),
    durable: false,
    settings: { autovacuum: 'off' },
  })
  await migrate(postgres.url)
  const client = new pg.Client(postgres.url)
  await client.connect()
  await registerWorkflows(client, [workflow('ticking').step('work', () => {})])
  const worker = await registerWorker(client, 'test', 'stepcast test hot')
  const held = []
  for (let i = 0; i < RUNS; i++) {
    const { id } = await startRun(client, { tenant: 'default', actor: 'test', workflow: 'ticking', input: {} })
    const { lease, step } = await claim(client, id, worker)
    held.push({ run: id, lease, step: step.id })
  }
  const before = await count(client)
  for (let tick = 0; tick < TICKS; tick++) {
    const report = { progress: tick, message: `tick ${tick}`, messages: null, metadata: null }
    await flushReports(
      client,
      held.map((holding) => ({ ...holding, ...report })),
      [],
    )
  }
  for (const [index, { table, updates, hot }] of (await count(client)).entries()) {
    const made = updates - (before[index]?.updates ?? 0)
    const share = (hot - (before[index]?.hot ?? 0)) / made
    assert.equal(made, RUNS * TICKS)
    assert.ok(share >= 0.9, `${share} of the updates of ${table} were HOT`)
  }
  await client.end()
})
