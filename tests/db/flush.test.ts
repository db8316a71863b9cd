import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { flushReports, type Report } from '../../db/reports.ts'
import { startRun } from '../../db/runs.ts'
import { beginSubstep } from '../../db/substeps.ts'
import { registerWorker } from '../../db/workers.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { claim } from './claim.ts'
import { readRun } from './outside.ts'

const db = await useDatabase()
await registerWorkflows(db.pool, [
  workflow('ticking')
    .step('work', { weight: 3 }, () => {})
    .step('rest', () => {}),
  workflow('watched').step('work', { stuckAfter: '1m', substeps: ['declared'] }, () => {}),
  workflow('unwatched').step('work', { stuckAfter: false, substeps: ['declared'] }, () => {}),
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

async function claimNew(workflow = 'ticking'): Promise<Held> {
  const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow, input: {} })
  const { lease, step } = await claim(db.pool, id, worker)
  return { run: id, lease, step: step.id }
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

test('a transaction that holds one step keeps its run waiting, all of it, and delays no other', async () => {
  const [held, free] = [await claimNew(), await claimNew()]
  const [other] = await db.rows<{ id: string }>("select id from stepcast.steps where run_id = $1 and step = 'rest'", [
    held.run,
  ])
  const holder = await db.pool.connect()
  await holder.query('begin')
  await holder.query('select from stepcast.steps where id = $1 for update', [other?.id])
  const line = { ...held, at: new Date(), level: 'info' as const, message: 'once' }
  const reports = [tick(held, 50), tick({ ...held, step: Number(other?.id) }, 50), tick(free, 50)]
  assert.deepEqual(await flushReports(db.pool, reports, [line]), [
    { run: held.run, lease: held.lease, outcome: 'locked' },
  ])
  assert.deepEqual([(await readRun(db, held.run)).progress, (await readRun(db, free.run)).progress], [0, 37])
  await holder.query('rollback')
  holder.release()
  assert.deepEqual(await flushReports(db.pool, reports, [line]), [])
  assert.equal((await readRun(db, held.run)).progress, 37)
  assert.equal(await db.value('select count(*)::integer from stepcast.logs where run_id = $1', [held.run]), 1)
})

test('a report that changes nothing bumps nothing', async () => {
  const held = await claimNew()
  await flushReports(db.pool, [tick(held, 40, 'forty')], [])
  const { revision } = await readRun(db, held.run)
  await flushReports(db.pool, [tick(held, 40, 'forty')], [])
  await flushReports(db.pool, [tick(held, 10)], [])
  assert.equal((await readRun(db, held.run)).revision, revision)
})

test('a report that would bring a step over 1 MiB of metadata as text leaves it as it was, and the rest of it counts', async () => {
  const held = await claimNew()
  const say = async (progress: number, metadata: object) => {
    await flushReports(db.pool, [{ ...tick(held, progress, `at ${progress}`), metadata: JSON.stringify(metadata) }], [])
    const [step] = await db.rows(
      `select progress, message, (select array_agg(key order by key) from jsonb_object_keys(metadata) key) as keys
       from stepcast.steps where id = $1`,
      [held.step],
    )
    return step
  }
  const [long, longer] = ['x'.repeat(500_000), 'x'.repeat(600_000)]
  assert.deepEqual(await say(10, { a: long }), { progress: 10, message: 'at 10', keys: ['a'] })
  assert.deepEqual(await say(20, { b: long }), { progress: 20, message: 'at 20', keys: ['a', 'b'] })
  assert.deepEqual(await say(30, { b: longer, c: 1 }), { progress: 30, message: 'at 30', keys: ['a', 'b'] })
  const { revision } = await readRun(db, held.run)
  await say(30, { c: long })
  assert.equal((await readRun(db, held.run)).revision, revision, 'what is left out is no change')
  assert.deepEqual(await say(40, { a: 'short', c: long }), { progress: 40, message: 'at 40', keys: ['a', 'b', 'c'] })
  // As JSON.stringify writes it, it is under 1 MiB; Postgres puts a space after each comma.
  const numbers = Array.from({ length: 500_000 }, () => 1)
  const alone = { ...(await claimNew()), progress: null, message: null, messages: null }
  await flushReports(db.pool, [{ ...alone, metadata: JSON.stringify({ numbers }) }], [])
  const kept = 'select jsonb_array_length(metadata -> $2) from stepcast.steps where id = $1'
  assert.equal(await db.value(kept, [alone.step, 'numbers']), 500_000)
})

test('the sub-steps of a worker go deeper than those of SQL may, and are reported there', async () => {
  const held = await claimNew()
  let deepest = { id: held.step, attempt: 1 }
  for (let level = 1; level <= 14; level++) deepest = await beginSubstep(db.pool, held, deepest, 'inner')
  assert.deepEqual(await flushReports(db.pool, [tick({ ...held, step: deepest.id }, 40)], []), [])
  assert.equal(await db.value('select progress from stepcast.steps where id = $1', [deepest.id]), 40)
})

/** As if so much time had passed since the last change of each step. */
const age = (run: string, seconds: number) =>
  db.rows(
    `update stepcast.steps set updated_at = updated_at - $2 * interval '1 second', revision = revision + 1
     where run_id = $1`,
    [run, seconds],
  )

for (const minutes of [-60, 60])
  test(`a line is a sign for the watchdog when it was written, also by a clock that is ${minutes} minutes ahead`, async (t) => {
    const held = await claimNew('watched')
    await age(held.run, 120)
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + minutes * 60_000 })
    const line = { ...held, at: new Date(), level: 'info' as const, message: 'going on' }
    await flushReports(db.pool, [], [line])
    t.mock.timers.reset()
    const stuck = () => db.rows('select step from stepcast.stuck_steps() where run_id = $1', [held.run])
    assert.deepEqual(await stuck(), [])
    await db.rows("update stepcast.logs set at = at - interval '61 seconds' where run_id = $1", [held.run])
    assert.deepEqual(await stuck(), [{ step: 'work' }])
  })

for (const part of ['the step', 'declared', 'added']) {
  const startPart = async (workflow: string): Promise<Held> => {
    const held = await claimNew(workflow)
    if (part === 'the step') return held
    return { ...held, step: (await beginSubstep(db.pool, held, { id: held.step, attempt: 1 }, part)).id }
  }

  test(`a report that changes nothing is a sign for the watchdog, a few times in a stuckAfter: of ${part}`, async () => {
    const held = await startPart('watched')
    const said = async () => {
      await flushReports(db.pool, [tick(held, 40, 'forty')], [])
      return (await readRun(db, held.run)).revision
    }
    const first = await said()
    await age(held.run, 10)
    assert.equal(await said(), first, 'less than a quarter of it is over')
    await age(held.run, 51)
    assert.ok((await said()) > first)
    assert.deepEqual(await db.rows('select * from stepcast.stuck_steps() where run_id = $1', [held.run]), [])
    await age(held.run, 61)
    const stuck = await db.rows('select step from stepcast.stuck_steps() where run_id = $1', [held.run])
    assert.deepEqual(stuck, [{ step: 'work' }], 'who says nothing is stuck')
  })

  test(`where no watchdog is, a report that changes nothing bumps nothing after any time: of ${part}`, async () => {
    const held = await startPart('unwatched')
    await flushReports(db.pool, [tick(held, 40, 'forty')], [])
    const { revision } = await readRun(db, held.run)
    await age(held.run, 1e7)
    await flushReports(db.pool, [tick(held, 40, 'forty')], [])
    assert.equal((await readRun(db, held.run)).revision, revision)
  })
}

test('a flush reads what it writes in one scan of each table, however many rows', async () => {
  const held = await claimNew()
  const fresh = new pg.Client(db.url)
  await fresh.connect()
  const plans: string[] = []
  fresh.on('notice', ({ detail = '' }) => plans.push(detail))
  await fresh.query('set debug_print_plan = on')
  await fresh.query('set client_min_messages = log')
  await flushReports(fresh, [tick(held, 10)], [])
  await fresh.end()
  const [writing = '', ...others] = plans.filter((plan) => plan.includes(':ctename written'))
  assert.deepEqual(others, [])
  const nodes = [...writing.matchAll(/\{(TIDSCAN|HASHJOIN|NESTLOOP|MERGEJOIN|INDEXSCAN|SEQSCAN)\b/g)].map(
    ([, node]) => node,
  )
  assert.deepEqual(nodes.toSorted(), ['HASHJOIN', 'HASHJOIN', 'TIDSCAN', 'TIDSCAN'])
})
