import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { countPurgeable, purgeRuns } from '../../db/purge.ts'
import { startRun } from '../../db/runs.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { begin, openRun, report } from './outside.ts'
import { endedRun, exists } from './past.ts'

const db = await useDatabase()

const DAY = 24 * 60
const purge = (age = '30 days', of: string | null = null) =>
  db.value<string>('select stepcast.purge_runs($1, $2)', [age, of]).then(Number)

/** Notices of one statement. */
async function noticesOf(sql: string): Promise<string[]> {
  const client = new pg.Client(db.url)
  await client.connect()
  const heard: string[] = []
  client.on('notice', ({ message = '' }) => heard.push(message))
  await client.query(sql)
  await client.end()
  return heard
}

test('what ended longer ago goes with its journal, everything else stays', async () => {
  const old = await endedRun(db, 31 * DAY)
  const young = await endedRun(db, 29 * DAY)
  const open = await openRun(db)
  assert.equal(await countPurgeable(db.pool, { olderThan: '30 days' }), 1)
  assert.equal(await purge(), 1)
  assert.deepEqual(await Promise.all([old, young, open].map((run) => exists(db, run))), [false, true, true])
  const journals = await db.rows('select distinct run_id from stepcast.journal where run_id = any ($1)', [[old, young]])
  assert.deepEqual(journals, [{ run_id: young }])
})

test('only the named workflow is purged', async () => {
  const [backup, other] = [await endedRun(db, 40 * DAY), await endedRun(db, 40 * DAY, { workflow: 'other' })]
  assert.equal(await purge('30 days', 'other'), 1)
  assert.deepEqual([await exists(db, backup), await exists(db, other)], [true, false])
  assert.equal(await purge(), 1)
})

test('an age that is none is SC006', async () => {
  for (const age of ['-1 day', null])
    await assert.rejects(db.rows('select stepcast.purge_runs($1)', [age]), { code: 'SC006', message: /interval/ })
})

test('older than there are dates is nothing', async () => {
  const age = '10000000 years'
  assert.equal(await countPurgeable(db.pool, { olderThan: age }), 0)
  assert.equal(await purge(age), 0)
})

test('runs that other tables refer to are passed over and counted, however the foreign key is checked', async () => {
  const runs = await Promise.all(Array.from({ length: 30 }, (_, index) => endedRun(db, 40 * DAY + index)))
  const [first, second, third] = [runs[3], runs[4], runs[29]]
  await db.rows('create table plain (run uuid references stepcast.runs)')
  await db.rows('create table deferred (run uuid references stepcast.runs deferrable initially deferred)')
  await db.rows('create table stepwise (step bigint references stepcast.steps)')
  await db.rows('insert into plain values ($1)', [first])
  await db.rows('insert into deferred values ($1)', [second])
  await db.rows('insert into stepwise select id from stepcast.steps where run_id = $1', [third])
  const notices = await noticesOf("select stepcast.purge_runs('30 days')")
  assert.match(notices.join(), /runs passed over: 3;/)
  const left = await db.rows<{ id: string }>('select id from stepcast.runs where id = any ($1)', [runs])
  assert.deepEqual(new Set(left.map(({ id }) => id)), new Set([first, second, third]))
  assert.equal(await db.value('select count(*)::integer from stepcast.steps where run_id = any ($1)', [runs]), 3)
  await db.rows('drop table plain, deferred, stepwise')
  assert.equal(await purge(), 3)
})

test('runs whose rows in other tables cannot go or change with them are passed over, and hold up no other', async () => {
  const runs = await Promise.all(Array.from({ length: 5 }, (_, index) => endedRun(db, 45 * DAY + index)))
  const kept = runs.slice(1, 4)
  await db.rows('create table required (run uuid not null references stepcast.runs on delete set null)')
  await db.rows(`create table checked (run uuid references stepcast.runs on delete set null,
    constraint has_a_run check (run is not null))`)
  await db.rows('create table guarded (run uuid references stepcast.runs on delete cascade)')
  await db.rows(`create function guard() returns trigger language plpgsql as $$ begin raise 'this row is kept'; end $$`)
  await db.rows('create trigger guard before delete on guarded for each row execute function guard()')
  for (const [index, table] of ['required', 'checked', 'guarded'].entries())
    await db.rows(`insert into ${table} values ($1)`, [kept[index]])
  const notices = await noticesOf("select stepcast.purge_runs('30 days')")
  assert.match(notices.join(), /runs passed over: 3;/)
  const left = await db.rows<{ id: string }>('select id from stepcast.runs where id = any ($1)', [runs])
  assert.deepEqual(new Set(left.map(({ id }) => id)), new Set(kept))
  await db.rows('drop table required, checked, guarded')
  await db.rows('drop function guard')
  assert.equal(await purge(), 3)
})

test('runs that others have locked, or a step of theirs, are passed over without waiting', async () => {
  const [run, withStep, free] = [
    await endedRun(db, 50 * DAY),
    await endedRun(db, 50 * DAY),
    await endedRun(db, 50 * DAY),
  ]
  const holder = new pg.Client(db.url)
  await holder.connect()
  await holder.query('begin')
  await holder.query('select from stepcast.runs where id = $1 for key share', [run])
  await holder.query('select from stepcast.steps where run_id = $1 for update', [withStep])
  assert.equal(await purge(), 1)
  await holder.end()
  assert.deepEqual([await exists(db, run), await exists(db, withStep), await exists(db, free)], [true, true, false])
  assert.equal(await purge(), 2)
})

test('a run goes on being reported while a purge holds its transaction open', async () => {
  await endedRun(db, 50 * DAY)
  const run = await openRun(db)
  await begin(db, run, 'download')
  const purging = await db.pool.connect()
  await purging.query("begin; set local statement_timeout = '5s'")
  await purging.query("select stepcast.purge_runs('30 days')")
  await report(db, run, 'download', 50)
  await endedRun(db, 1)
  await purging.query('commit')
  purging.release()
})

test('a run whose onEnd is owed is passed over', async () => {
  await registerWorkflows(db.pool, [
    workflow('owing')
      .step('a', () => {})
      .onEnd(() => {}),
  ])
  const who = { tenant: 'default', actor: 'ada' }
  const { id: run } = await startRun(db.pool, { ...who, workflow: 'owing', input: {} })
  await db.rows('select stepcast.cancel_run($1)', [run])
  assert.equal(await purge('0 days', 'owing'), 0)
  await db.rows('select stepcast.take_on_end($1)', [run])
  assert.equal(await purge('0 days', 'owing'), 1)
})

test('batches commit one by one, go through everything once, and tell the sums', async () => {
  await db.rows('create table refers (run uuid references stepcast.runs)')
  await db.rows(
    `insert into refers
     select case when n % 100 = 0 then run end
     from (
       select n, stepcast.import_run(jsonb_build_object('workflow', 'many', 'status', 'cancelled', 'completed_at', now() - interval '60 days', 'steps', '[]'::jsonb)) as run
       from generate_series(1, 1200) n
     ) made`,
  )
  const seen: number[][] = []
  const sums = await purgeRuns(db.pool, {
    olderThan: '30 days',
    workflow: 'many',
    onBatch: ({ deleted, passedOver }) => seen.push([deleted, passedOver]),
  })
  assert.deepEqual(sums, { deleted: 1188, passedOver: 12 })
  assert.equal(seen.length, 3)
  assert.deepEqual(seen.at(-1), [1188, 12])
  await db.rows('drop table refers')
  const stop = new AbortController()
  const stopped = { olderThan: '30 days', workflow: 'many', signal: stop.signal, onBatch: () => stop.abort() }
  assert.deepEqual(await purgeRuns(db.pool, stopped), { deleted: 12, passedOver: 0 })
})

test('what deleted runs left in the journal goes when it is old, and only with a purge of all workflows', async () => {
  const run = await endedRun(db, 1)
  await db.rows('select stepcast.delete_run($1)', [run])
  const entries = () => db.value('select count(*)::integer from stepcast.journal where run_id = $1', [run])
  await purge()
  assert.equal(await entries(), 2)
  await purge('0 days', 'backup')
  assert.equal(await entries(), 2)
  await purge('0 days')
  assert.equal(await entries(), 0)
})

test('the oldest are found by the index', async () => {
  const client = await db.pool.connect()
  try {
    await client.query('begin')
    // Whether it can be used at all: with this few runs it would not be worth it.
    await client.query('set local enable_seqscan = off')
    await client.query("select stepcast.purge_batch('30 days', null, null, 10)")
    const { rows } = await client.query(
      "select pg_stat_get_xact_numscans('stepcast.runs_finished'::regclass) > 0 as used",
    )
    assert.deepEqual(rows, [{ used: true }])
  } finally {
    await client.query('rollback')
    client.release()
  }
})
