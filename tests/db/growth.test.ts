import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { startRun } from '../../db/runs.ts'
import { registerWorker } from '../../db/workers.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { claim } from './claim.ts'
import { begin, openRun } from './outside.ts'

const db = await useDatabase()
await registerWorkflows(db.pool, [
  workflow('nightly').step('work', () => {}),
  workflow('timed', { timeout: '1h' }).step('work', () => {}),
  workflow('limited', { concurrency: { limit: 1 } }).step('work', () => {}),
  ...[100, 400].map((count) => {
    let chain = workflow(`chain_of_${count}`)
    for (let step = 1; step <= count; step++) chain = chain.step(`part_${step}`, () => {})
    return chain
  }),
])
const session = new pg.Client(db.url)
session.on('error', () => {})
await session.connect()
const worker = await registerWorker(session, 'growth', 'stepcast test growth')
after(() => session.end())

/** Rows of a table and entries of its indexes that one statement reads, after one like it has planned what it calls. */
async function reads(client: pg.PoolClient, table: string, sql: string, values: unknown[]): Promise<number> {
  const read = async () => {
    const { rows } = await client.query<{ read: string }>(
      `select pg_stat_get_xact_tuples_returned($1::regclass) + sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) as read
       from pg_index i
       where i.indrelid = $1::regclass`,
      [table],
    )
    return Number(rows[0]?.read)
  }
  await client.query(sql, values)
  const before = await read()
  await client.query(sql, values)
  return (await read()) - before
}

/** Within a transaction that is rolled back. */
async function rolledBack<T>(body: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await db.pool.connect()
  try {
    await client.query('begin')
    return await body(client)
  } finally {
    await client.query('rollback')
    client.release()
  }
}

test('a start under a key reads the same however many runs the key has had', async () => {
  await db.rows(
    `insert into stepcast.runs (id, workflow, workflow_version, key, display_name, status, progress, started_at, completed_at)
     select stepcast.uuid_v7(now() - n * interval '1 day'), 'nightly', 'old', 'backup', 'Nightly', 'completed', 100, now(), now()
     from generate_series(1, 3000) n`,
  )
  await db.rows('analyze stepcast.runs')
  for (const again of [true, false]) {
    const sql = "select stepcast.start_run('nightly', key => 'backup', again => $1)"
    assert.ok((await rolledBack((client) => reads(client, 'stepcast.runs', sql, [again]))) < 50, `again => ${again}`)
  }
})

/** Adds thousands of sub-steps to a step of a run. */
async function crowd(run: string, step: string): Promise<void> {
  await db.rows(
    `insert into stepcast.steps (run_id, tenant, parent_id, step, display_name, sequence, declared)
     select s.run_id, s.tenant, s.id, 'part/' || n, 'Part', n, false
     from stepcast.steps s
     cross join generate_series(1, 3000) n
     where s.run_id = $1
       and s.step = $2`,
    [run, step],
  )
}

test('a sub-step is found by its path among few or thousands, whatever slashes are in the names', async () => {
  const run = await openRun(db, ['load', 'load/2024'])
  for (const step of ['load', 'load/2024', 'load/2024/a', 'load/2024/a/b']) await begin(db, run, step)
  await crowd(run, 'load')
  await db.rows('analyze stepcast.steps')
  const find = 'select s.step, p.step as parent from stepcast.steps s left join stepcast.steps p on p.id = s.parent_id'
  for (const [path, step, parent] of [
    ['load', 'load', null],
    ['load/2024', 'load/2024', null],
    ['load/2024/a', 'a', 'load/2024'],
    ['load/2024/a/b', 'b', 'a'],
    ['load/part/17', 'part/17', 'load'],
  ]) {
    const found = await db.rows(`${find} where s.id = stepcast.find_step($1, $2)`, [run, path])
    assert.deepEqual(found, [{ step, parent }], String(path))
  }
  for (const path of ['', '/', 'load/', '/load', 'load/part', 'load/part/17/', 'load/part/17/x', 'x'.repeat(100_000)])
    assert.equal(await db.value('select stepcast.find_step($1, $2)', [run, path]), null, path.slice(0, 30))
  const read = await rolledBack((client) =>
    reads(client, 'stepcast.steps', 'select stepcast.find_step($1, $2)', [run, 'load/part/2999']),
  )
  assert.ok(read < 50, `${read} rows were read`)
})

test('a sub-step begins and ends among thousands as among few', async () => {
  const run = await openRun(db, ['load'])
  await begin(db, run, 'load')
  await crowd(run, 'load')
  await db.rows('analyze stepcast.steps')
  const pass = `select stepcast.begin_step($1, name), stepcast.complete_step($1, name)
    from (select 'load/' || gen_random_uuid() as name offset 0) _`
  const read = await rolledBack((client) => reads(client, 'stepcast.steps', pass, [run]))
  assert.ok(read < 100, `${read} rows were read`)
  await db.rows(pass, [run])
  const last = 'select sequence from stepcast.steps where run_id = $1 order by sequence desc limit 1'
  assert.equal(await db.value(last, [run]), 3001)
})

test('a step or sub-step is found among many as among few, though all other runs have a few steps', async () => {
  await db.rows(`select stepcast.open_run('video', '["download", "publish"]') from generate_series(1, 300)`)
  await db.rows('analyze stepcast.steps')
  const run = await openRun(
    db,
    Array.from({ length: 900 }, (_, index) => `load ${index}`),
  )
  await crowd(run, 'load 1')
  const find = 'select stepcast.find_step($1, $2)'
  for (const path of ['load 899', 'load 1/part/2999']) {
    const read = await rolledBack((client) => reads(client, 'stepcast.steps', find, [run, path]))
    assert.ok(read < 50, `${path}: ${read} rows were read`)
  }
})

test('who looks for free places writes to no parked run while there is none, and reads a few', async () => {
  await db.rows("select stepcast.start_run('limited') from generate_series(1, 500)")
  await db.rows("select stepcast.admit_run(id) from stepcast.runs where workflow = 'limited'")
  await db.rows('analyze stepcast.runs')
  const parked = "from stepcast.runs where workflow = 'limited' and admission = 'parked'"
  // Who locked each of them last.
  const lockers = `select md5(string_agg(xmax::text, ' ' order by id)) ${parked}`
  const before = await db.value(lockers)
  await db.rows('select stepcast.admit_all_parked_runs()')
  assert.deepEqual(await db.value(lockers), before)
  const slot = await db.value(`select concurrency_slot ${parked} limit 1`)
  const look = (client: pg.PoolClient) =>
    reads(client, 'stepcast.runs', 'select stepcast.admit_parked_runs($1)', [slot])
  const read = await rolledBack(look)
  assert.ok(read < 50, `${read} rows were read`)
  const end = `select stepcast.cancel_run(id)
    from stepcast.runs
    where workflow = 'limited'
      and admission = 'admitted'
      and status = 'pending'`
  const readByEnd = await rolledBack((client) => reads(client, 'stepcast.runs', end, []))
  assert.ok(readByEnd < 200, `an end read ${readByEnd} rows`)
  await db.rows(end)
  assert.deepEqual(await db.rows(`select count(*)::integer as runs ${parked}`), [{ runs: 498 }])
})

/** What workers, the watchdog and open dashboards ask again and again. */
const ASKED_OFTEN = {
  'which runs are stuck': 'select from stepcast.stuck_runs',
  'which runs are past their deadline': 'select stepcast.expire_runs()',
  'which slots have free places': 'select stepcast.admit_all_parked_runs()',
  'which jobs a worker leaves': 'select stepcast.requeue_jobs(w) from stepcast.workers w',
}

test('what is asked often reads neither the runs that have ended nor, for a deadline or a place, all that wait', async () => {
  await db.rows(
    `insert into stepcast.runs (id, workflow, workflow_version, display_name, status, progress, started_at, completed_at)
     select stepcast.uuid_v7(now() - n * interval '1 day'), 'nightly', 'old', 'Nightly', 'completed', 100, now(), now()
     from generate_series(1, 3000) n`,
  )
  await db.rows("select stepcast.start_run('timed', run_at => now() + interval '1 day') from generate_series(1, 500)")
  await db.rows('analyze stepcast.runs')
  const unfinished = await db.value<number>(
    "select count(*)::integer from stepcast.runs where status in ('pending', 'running')",
  )
  for (const [what, sql] of Object.entries(ASKED_OFTEN)) {
    const read = await rolledBack((client) => reads(client, 'stepcast.runs', sql, []))
    // Three of each, and versions that a transaction in another database keeps; with those that have ended, twice that.
    assert.ok(read < (what === 'which runs are stuck' ? 4 * unfinished : 50), `${what}: ${read} rows were read`)
  }
})

test('who is alive is asked once for all stuck runs', async () => {
  const plan = await db.rows<{ 'QUERY PLAN': string }>('explain (verbose) select * from stepcast.stuck_runs')
  const text = plan.map((row) => row['QUERY PLAN']).join('\n')
  assert.equal(text.match(/Function Scan on stepcast\.live_workers/g)?.length, 1, text)
  assert.doesNotMatch(text, /is_unserved|worker_is_alive/)
})

test('an advance reads of its run a few times as many rows as that has steps, however many these are', async () => {
  const look = `select stepcast.advance_runs(
    $1, array[$2::uuid], array[$3::bigint], array[null::bigint], array[null::integer], array[null], array[null::jsonb],
    array[null], array[true], true)`
  for (const count of [100, 400]) {
    const start = { tenant: 'default', actor: 'test', workflow: `chain_of_${count}`, input: {} }
    const { run, lease } = await claim(db.pool, (await startRun(db.pool, start)).id, worker)
    await db.rows('analyze stepcast.steps')
    const read = await rolledBack((client) => reads(client, 'stepcast.steps', look, [worker, run, lease]))
    assert.ok(read < 20 * count, `${read} rows of ${count} steps were read`)
  }
})
