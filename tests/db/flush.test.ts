import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import type { Db } from '../../db/client.ts'
import { type Claim, claimRun, flushReports, type Report, registerWorker } from '../../db/engine.ts'
import { startRun } from '../../db/runs.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { readRun } from './outside.ts'

const db = await useDatabase()
await registerWorkflows(db.pool, [
  workflow('ticking')
    .step('work', { weight: 3 }, () => {})
    .step('rest', () => {}),
])
const session = new pg.Client(db.url)
session.on('error', () => {})
await session.connect()
const worker = await registerWorker(session, 'test', 'stepcast test worker')
after(() => session.end())

interface Held {
  run: string
  lease: number
  step: number
}

async function claimNew(on: Db = db.pool): Promise<Held> {
  const { id } = await startRun(on, { tenant: 'default', actor: 'test', workflow: 'ticking', input: {} })
  const { lease, step } = (await claimRun(on, id, worker)) as Claim
  return { run: id, lease, step: step?.id ?? 0 }
}

const tick = (held: Held, progress: number | null, message: string | null = null): Report => ({
  ...held,
  progress,
  message,
  messages: null,
  metadata: null,
})

test('one flush writes many runs, each with one revision, lines numbered densely', async () => {
  const runs = await Promise.all(Array.from({ length: 10 }, () => claimNew()))
  const lines = runs.flatMap((held) =>
    ['a', 'b'].map((message) => ({ ...held, at: new Date(), level: 'info' as const, message })),
  )
  assert.deepEqual(
    await flushReports(
      db.pool,
      runs.map((held) => tick(held, 40, 'forty')),
      lines,
    ),
    [],
  )
  for (const { run } of runs) {
    assert.deepEqual(await readRun(db, run), { status: 'running', progress: 30, revision: 3, error: null })
    const logs = await db.rows(
      'select line::integer, revision::integer, message from stepcast.logs where run_id = $1 order by line',
      [run],
    )
    assert.deepEqual(logs, [
      { line: 1, revision: 3, message: 'a' },
      { line: 2, revision: 3, message: 'b' },
    ])
  }
})

test('a stale lease is fenced and writes nothing', async () => {
  const held = await claimNew()
  assert.deepEqual(await flushReports(db.pool, [tick({ ...held, lease: held.lease - 1 }, 40)], []), [
    { run: held.run, lease: held.lease - 1, outcome: 'fenced' },
  ])
  assert.equal((await readRun(db, held.run)).progress, 0)
})

test('of two leases of one run in one flush only the valid one writes', async () => {
  const held = await claimNew()
  const stale = { ...held, lease: held.lease - 1 }
  const line = { ...stale, at: new Date(), level: 'info' as const, message: 'from the grave' }
  const unwritten = await flushReports(db.pool, [tick(stale, 90, 'stale'), tick(held, 40, 'valid')], [line])
  assert.deepEqual(unwritten, [{ run: held.run, lease: stale.lease, outcome: 'fenced' }])
  const [step] = await db.rows('select progress, message from stepcast.steps where id = $1', [held.step])
  assert.deepEqual(step, { progress: 40, message: 'valid' })
  assert.equal(await db.value('select count(*)::integer from stepcast.logs where run_id = $1', [held.run]), 0)
})

test('a transaction that holds one run delays no other', async () => {
  const [locked, free] = [await claimNew(), await claimNew()]
  const other = await db.pool.connect()
  await other.query('begin')
  await other.query('select from stepcast.runs where id = $1 for update', [locked.run])
  const unwritten = await flushReports(db.pool, [tick(locked, 50), tick(free, 50)], [])
  assert.deepEqual(unwritten, [{ run: locked.run, lease: locked.lease, outcome: 'locked' }])
  assert.equal((await readRun(db, free.run)).progress, 37)
  await other.query('rollback')
  other.release()
})

test('a report that changes nothing bumps nothing', async () => {
  const held = await claimNew()
  await flushReports(db.pool, [tick(held, 40, 'forty')], [])
  const { revision } = await readRun(db, held.run)
  await flushReports(db.pool, [tick(held, 40, 'forty')], [])
  await flushReports(db.pool, [tick(held, 10)], [])
  assert.equal((await readRun(db, held.run)).revision, revision)
})

test('at least nine ticks in ten are HOT updates, of steps and of runs', async () => {
  // An analyze that happens to run holds back pruning; what is measured is the layout of the rows.
  for (const table of ['runs', 'steps']) await db.rows(`alter table stepcast.${table} set (autovacuum_enabled = off)`)
  // All on one connection: its statistics are written when they are asked for, those of others a second later.
  const client = await db.pool.connect()
  const runs: Held[] = []
  while (runs.length < 20) runs.push(await claimNew(client))
  const counts = () =>
    db.rows<{ relname: string; updates: number; hot: number }>(
      `select relname, n_tup_upd::integer as updates, n_tup_hot_upd::integer as hot
       from pg_stat_user_tables
       where schemaname = 'stepcast' and relname in ('runs', 'steps')
       order by relname`,
    )
  const settle = () => client.query('select pg_stat_force_next_flush()')
  await settle()
  const before = await counts()
  for (let progress = 1; progress <= 200; progress++) {
    await flushReports(
      client,
      runs.map((held) => tick(held, Math.floor(progress / 2), `tick ${progress}`)),
      [],
    )
  }
  await settle()
  client.release()
  const after = await counts()
  for (const [index, { relname, updates, hot }] of after.entries()) {
    const made = updates - (before[index]?.updates ?? 0)
    assert.ok(made >= 4000, `${made} updates of ${relname} counted`)
    const share = (hot - (before[index]?.hot ?? 0)) / made
    assert.ok(share >= 0.9, `${share} of ${made} updates of ${relname} were HOT`)
  }
})
