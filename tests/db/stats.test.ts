import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StepStats, WorkflowStats } from '../../db/contract.ts'
import { readStats } from '../../db/stats.ts'
import { useDatabase } from '../support/fixture.ts'
import { size } from '../support/size.ts'
import { begin, complete, openRun } from './outside.ts'
import { type History, type HistoryStep, importRun } from './past.ts'

const db = await useDatabase()

const RUNS = size(600, 6_000)
const START = Date.parse('2026-01-01T00:00:00Z')
const MINUTE = 60_000
const STEPS = ['fetch', 'check', 'write']
const titles = {
  fetch: { displayName: 'Fetch it', displayNames: { en: 'Fetch it', de: 'Hol es' } },
  check: { displayName: 'Check', displayNames: null },
  part: { displayName: 'A part', displayNames: null },
  // Its definition says a name that depends on the input.
  write: { displayName: 'Write', displayNames: null },
}
const titleOf = (step: string) => titles[step as keyof typeof titles]
const DEFINED = [
  { step: 'fetch', ...titles.fetch },
  { step: 'check', substeps: [{ step: 'part', displayName: 'A part' }] },
  { step: 'write', displayName: 'Write {name}' },
]

/** Numbers that look random and are the same every time. */
let seed = 1
function pick(below: number): number {
  seed = (seed * 48_271) % 2_147_483_647
  return seed % below
}

function makeStep(step: string, status: string, at: number, substeps: HistoryStep[] = []): HistoryStep {
  const times = { started_at: iso(at), completed_at: iso(at + 1 + pick(5_000)) }
  const error = status === 'failed' ? { error: 'no' } : {}
  return { step, status, ...(status === 'pending' ? {} : { ...times, attempts: 1 + pick(3) }), ...error, substeps }
}

/** Completed up to a step that ends otherwise in some runs; what comes after it was never reached. */
function makeRun(index: number): History {
  const at = START + index * MINUTE
  const status = ['completed', 'completed', 'failed', 'completed', 'cancelled'][pick(5)] ?? ''
  const ending = pick(STEPS.length)
  const statusOf = (place: number) => {
    if (status === 'completed') return pick(6) === 0 ? 'skipped' : 'completed'
    if (place === ending) return status
    if (place < ending) return 'completed'
    return status === 'failed' ? 'pending' : 'cancelled'
  }
  const steps = STEPS.map((step, place) => {
    const isReached = status === 'completed' || place <= ending
    const made = makeStep(step, statusOf(place), at, step === 'check' ? [makeStep('part', 'completed', at)] : [])
    return isReached ? made : { step, status: made.status }
  })
  const tenant = pick(2) ? 'blue' : 'red'
  return { workflow: `job_${pick(2)}`, tenant, status, started_at: iso(at), completed_at: iso(at + pick(9_000)), steps }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}

const history = Array.from({ length: RUNS }, (_, index) => makeRun(index))
for (const name of ['job_0', 'job_1'])
  await db.rows("select stepcast.register_workflow($1, '1', null, null, $2, null, '{}')", [
    name,
    JSON.stringify(DEFINED),
  ])
await db.rows('select stepcast.import_run(run) from jsonb_array_elements($1) run', [JSON.stringify(history)])

function durationOf({ started_at, completed_at }: { [more: string]: unknown }): number {
  return Date.parse(String(completed_at)) - Date.parse(String(started_at))
}

function rank(sorted: number[], share: number): number | null {
  return sorted[Math.ceil(sorted.length * share) - 1] ?? null
}

/** What runs, or steps of one name, give when counted by hand. */
function countByHand(rows: { status: string; [more: string]: unknown }[], retries: number) {
  const of = (status: string) => rows.filter((row) => row.status === status)
  const durations = of('completed')
    .map(durationOf)
    .sort((a, b) => a - b)
  const tried = of('completed').length + of('failed').length
  const sum = durations.reduce((total, each) => total + each, 0)
  return {
    runs: rows.length,
    completed: of('completed').length,
    failed: of('failed').length,
    cancelled: of('cancelled').length,
    successRate: tried === 0 ? null : Number((of('completed').length / tried).toFixed(4)),
    retries,
    averageDuration: durations.length === 0 ? null : Math.round(sum / durations.length),
    p50Duration: rank(durations, 0.5),
    p95Duration: rank(durations, 0.95),
  }
}

function retriesOf(steps: HistoryStep[]): number {
  return steps.reduce((sum, { attempts = 1 }) => sum + Number(attempts) - 1, 0)
}

function stepByHand(runs: History[], parent: string | null, step: string): StepStats {
  const all = runs
    .flatMap(({ steps }) => (parent ? steps.flatMap(({ substeps = [] }) => substeps) : steps))
    .filter((each) => each.step === step && each.started_at !== undefined)
  const skipped = all.filter(({ status }) => status === 'skipped').length
  return { parent, step, ...titleOf(step), skipped, ...countByHand(all, retriesOf(all)) }
}

function workflowByHand(runs: History[], workflow: string): WorkflowStats {
  const own = runs.filter((run) => run.workflow === workflow)
  const steps = [...STEPS.map((step) => stepByHand(own, null, step)), stepByHand(own, 'check', 'part')]
  return {
    workflow,
    ...countByHand(
      own,
      own.reduce((sum, run) => sum + retriesOf(run.steps), 0),
    ),
    steps,
  }
}

function byHand(tenant: string, since = 0): WorkflowStats[] {
  const runs = history.filter((run) => run.tenant === tenant && Date.parse(String(run.completed_at)) >= since)
  return ['job_0', 'job_1'].map((workflow) => workflowByHand(runs, workflow))
}

test("statistics are what counting by hand gives, of the tenant's runs alone", async () => {
  for (const tenant of ['blue', 'red']) assert.deepEqual(await readStats(db.pool, { tenant }), byHand(tenant))
})

test('statistics since a time count the runs that ended from then on', async () => {
  const since = Date.parse(String(history[Math.floor(RUNS / 2)]?.completed_at))
  assert.deepEqual(await readStats(db.pool, { tenant: 'blue', since: iso(since) }), byHand('blue', since))
  assert.deepEqual(await readStats(db.pool, { tenant: 'blue', since: '2099-01-01' }), [])
})

test('statistics of one workflow leave the others out', async () => {
  const [, second] = byHand('blue')
  assert.deepEqual(await readStats(db.pool, { tenant: 'blue', workflow: 'job_1' }), [second])
})

test('the views say the same to whoever asks in SQL', async () => {
  const workflows = await db.rows(
    `select workflow, runs::integer, completed::integer, failed::integer, cancelled::integer, success_rate::float as "successRate",
       retries::integer, average_duration::integer as "averageDuration", p50_duration::integer as "p50Duration",
       p95_duration::integer as "p95Duration"
     from stepcast.workflow_stats where tenant = 'blue' order by workflow`,
  )
  const steps = await db.rows(
    `select parent, step, runs::integer, completed::integer, failed::integer, skipped::integer, cancelled::integer,
       success_rate::float as "successRate", retries::integer, average_duration::integer as "averageDuration",
       p50_duration::integer as "p50Duration", p95_duration::integer as "p95Duration"
     from stepcast.step_stats where tenant = 'blue' and workflow = 'job_0' order by parent nulls first, sequence`,
  )
  const expected = byHand('blue')
  assert.deepEqual(
    workflows,
    expected.map(({ steps: _, ...numbers }) => numbers),
  )
  assert.deepEqual(
    steps,
    expected[0]?.steps.map(({ displayName, displayNames, ...numbers }) => numbers),
  )
})

test('the views show a reader no more than the tables do', async () => {
  const client = await db.pool.connect()
  try {
    await client.query('begin')
    await client.query('create role stats_reader; grant usage on schema stepcast to stats_reader')
    await client.query('grant select on stepcast.workflow_stats, stepcast.step_stats to stats_reader')
    await client.query('set local role stats_reader')
    await assert.rejects(client.query('select from stepcast.workflow_stats'), { code: '42501' })
  } finally {
    await client.query('rollback')
    client.release()
  }
})

test('a run that was driven, failed and retried counts once it is finished, with a retry', async () => {
  const run = await openRun(db, ['download'])
  await begin(db, run, 'download')
  await db.rows("select stepcast.fail_step($1, 'download', 'no')", [run])
  await db.rows('select stepcast.retry_run($1)', [run])
  assert.deepEqual(await readStats(db.pool, { tenant: 'default' }), [])
  await begin(db, run, 'download')
  await complete(db, run, 'download')
  await db.rows('select stepcast.finish_run($1)', [run])
  const [stats] = await readStats(db.pool, { tenant: 'default' })
  assert.deepEqual([stats?.runs, stats?.completed, stats?.failed, stats?.retries], [1, 1, 0, 1])
  assert.deepEqual([stats?.steps[0]?.completed, stats?.steps[0]?.retries], [1, 1])
})

test('sub-steps of one name below parents of one name are one row, which counts their run once', async () => {
  const nest = (...[step = '', ...below]: string[]): HistoryStep =>
    makeStep(step, 'completed', START, below.length > 0 ? [nest(...below)] : [])
  const steps = ['prod', 'test'].map((stage) => nest(stage, 'deploy', 'copy'))
  await importRun(db, { workflow: 'w', tenant: 'nested', status: 'completed', steps })
  const [stats] = await readStats(db.pool, { tenant: 'nested' })
  const copies = stats?.steps.filter(({ step }) => step === 'copy')
  assert.deepEqual(
    copies?.map(({ parent, runs, completed }) => [parent, runs, completed]),
    [['deploy', 1, 2]],
  )
})

test('without a completed or failed run there is no success rate and no duration', async () => {
  const steps = [{ step: 'a', status: 'cancelled' }]
  await importRun(db, { workflow: 'w', tenant: 'idle', status: 'cancelled', completed_at: iso(START), steps })
  const [stats] = await readStats(db.pool, { tenant: 'idle' })
  assert.deepEqual([stats?.runs, stats?.successRate, stats?.p50Duration, stats?.steps], [1, null, null, []])
})

test('one failure among very many is not rounded away, and neither is one success', async () => {
  const [completed, failed] = [
    await importRun(db, {
      workflow: 'w',
      tenant: 'many',
      status: 'completed',
      steps: [makeStep('a', 'completed', START)],
    }),
    await importRun(db, {
      workflow: 'w',
      tenant: 'many',
      status: 'failed',
      error: 'no',
      completed_at: iso(START),
      steps: [],
    }),
  ]
  const rates = async (copied: string) => {
    const client = await db.pool.connect()
    try {
      await client.query('begin')
      await client.query(
        `insert into stepcast.runs
         select copy.*
         from stepcast.runs r
         cross join generate_series(1, 20000) n
         cross join lateral jsonb_populate_record(r, jsonb_build_object('id', stepcast.uuid_v7(), 'metadata', jsonb_build_object('copy', n))) copy
         where r.id = $1`,
        [copied],
      )
      const { rows } = await client.query(
        `select v.success_rate::float as view, r.success_rate::float as together, t.success_rate::float as trend
         from stepcast.workflow_stats v
         cross join stepcast.run_stats() r
         cross join stepcast.run_trend('-infinity', p_unit => 'year') t
         where (v.tenant, r.tenant, t.tenant) = ('many', 'many', 'many')`,
      )
      return rows
    } finally {
      await client.query('rollback')
      client.release()
    }
  }
  assert.deepEqual(await rates(completed), [{ view: 0.9999, together: 0.9999, trend: 0.9999 }])
  assert.deepEqual(await rates(failed), [{ view: 0.0001, together: 0.0001, trend: 0.0001 }])
})

test('a step that waited for its next attempt when its run ended was reached, and neither completed nor failed', async () => {
  const run = await openRun(db)
  await begin(db, run, 'download')
  await db.rows(
    `update stepcast.steps
     set attempt = 2, next_attempt_at = now(), revision = revision + 100
     where run_id = $1 and step = 'resize'`,
    [run],
  )
  await db.rows("select stepcast.fail_step($1, 'download', 'no')", [run])
  const [stats] = await readStats(db.pool, { tenant: 'default', since: new Date(Date.now() - MINUTE).toISOString() })
  const resize = stats?.steps.find(({ step }) => step === 'resize')
  assert.deepEqual([resize?.runs, resize?.completed, resize?.failed, resize?.retries], [1, 0, 0, 1])
})
