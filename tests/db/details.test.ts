import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cancelRun, listRuns, readRun, startRun } from '../../db/runs.ts'
import { registerWorkflow } from '../../db/workflows.ts'
import { useDatabase } from '../support/fixture.ts'

const db = await useDatabase()
const who = { tenant: 'default', actor: 'anna' }

const register = (name: string, steps: object[], options = {}) =>
  registerWorkflow(
    db.pool,
    { name, version: `v${steps.length}`, displayName: null, displayNames: null, steps, inputSchema: null, options },
    true,
  )

async function start(workflow: string) {
  const { id } = await startRun(db.pool, { ...who, workflow, input: {} })
  return { ...who, run: id }
}

async function details(run: { tenant: string; run: string }) {
  const found = await readRun(db.pool, run)
  assert.ok(found)
  return found
}

test('a new run carries how long its steps usually take, in which range, and on how many runs that stands', async () => {
  await register('usual', [{ step: 'a' }])
  for (let seconds = 1; seconds <= 5; seconds++) {
    const times = { started_at: '2026-01-01T00:00:00Z', completed_at: `2026-01-01T00:00:0${seconds}Z` }
    const past = { workflow: 'usual', status: 'completed', steps: [{ step: 'a', status: 'completed', ...times }] }
    await db.rows('select stepcast.import_run($1)', [JSON.stringify(past)])
  }
  const [step] = (await details(await start('usual'))).steps
  assert.deepEqual([step?.usual, step?.usualP95, step?.usualRuns, step?.weight], [3_000, 5_000, 5, 3_000])
})

test('a run that begins later should be done that much later', async () => {
  const runAt = new Date(Date.now() + 3_600_000).toISOString()
  const { id } = await startRun(db.pool, { ...who, workflow: 'usual', input: {}, runAt })
  const { runs } = await listRuns(db.pool, { tenant: 'default', workflow: 'usual', statuses: ['pending'], limit: 1 })
  assert.equal(runs[0]?.id, id)
  assert.equal(Date.parse(runs[0]?.current?.expectedAt ?? ''), Date.parse(runAt) + 3_000)
})

test('a step that came later weighs what it declares, by what its siblings came to', async () => {
  const steps = [
    { step: 'a', weight: 2 },
    { step: 'b', weight: 1 },
  ]
  await register('grown', steps)
  const times = (seconds: number) => ({
    started_at: '2026-01-01T00:00:00Z',
    completed_at: `2026-01-01T00:00:0${seconds}Z`,
  })
  const ended = [
    { step: 'a', status: 'completed', ...times(5) },
    { step: 'b', status: 'completed', ...times(1) },
  ]
  for (let run = 1; run <= 5; run++) {
    const past = { workflow: 'grown', status: 'completed', steps: ended }
    await db.rows('select stepcast.import_run($1)', [JSON.stringify(past)])
  }
  await register('grown', [...steps, { step: 'c', weight: 3 }])
  const { steps: begun } = await details(await start('grown'))
  assert.deepEqual(
    begun.map(({ weight }) => weight),
    [5_000, 1_000, 6_000],
  )
})

test('a step says which of its tries is the last', async () => {
  await register('tried', [{ step: 'a', retry: { attempts: 3, delay: 10, factor: 1, maxDelay: 10, jitter: 0 } }])
  const run = await start('tried')
  const lastAttempt = async () => (await details(run)).steps[0]?.lastAttempt
  assert.equal(await lastAttempt(), 3)
  // As the engine leaves it: the first try failed and it waits, the second runs.
  const set = (columns: string) =>
    db.rows(`update stepcast.steps set ${columns}, revision = revision + 1 where run_id = $1`, [run.run])
  await set("attempt = 1, failures = 1, next_attempt_at = now(), error = 'no'")
  assert.equal(await lastAttempt(), 3)
  await set("attempt = 2, status = 'running', started_at = now(), next_attempt_at = null, error = null")
  assert.equal(await lastAttempt(), 3)
})

test('a run that no living worker can serve says so, and who cancelled it and why', async () => {
  await register('unserved', [{ step: 'a' }])
  const run = await start('unserved')
  assert.equal((await details(run)).unserved, true)
  await cancelRun(db.pool, { ...run, reason: 'wrong branch' })
  const { operations, unserved } = await details(run)
  assert.equal(unserved, false)
  assert.deepEqual(
    operations.map(({ action, actor, reason }) => [action, actor, reason]),
    [
      ['create', 'anna', null],
      ['cancel', 'anna', 'wrong branch'],
    ],
  )
})

test('a run that waits for a place says of how many, and tells its watchers when that begins and ends', async () => {
  await register('narrow', [{ step: 'a' }], { concurrency: { limit: 1 } })
  const [first, second] = [await start('narrow'), await start('narrow')]
  const admit = ({ run }: { run: string }) => db.value('select stepcast.admit_run($1)', [run])
  assert.deepEqual([await admit(first), await admit(second)], [true, false])
  const parked = (await details(second)).run
  assert.deepEqual([parked.parkedBy, (await details(first)).run.parkedBy], [1, null])
  await cancelRun(db.pool, first)
  await db.rows('select stepcast.admit_all_parked_runs()')
  const freed = (await details(second)).run
  assert.equal(freed.parkedBy, null)
  assert.ok(parked.revision > 1 && freed.revision > parked.revision)
})
