import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { DurationBucket, RunNumbers } from '../../db/contract.ts'
import { listWorkflowsWithRuns, readBoundedStats, readDurations, readRunningStats } from '../../db/stats.ts'
import { useDatabase } from '../support/fixture.ts'
import { begin, complete } from './outside.ts'
import { importRun } from './past.ts'
import { OTHER, OWN, useLogins } from './tenants.ts'

const db = await useDatabase()
const logins = await useLogins(db)
after(() => Promise.all([...logins.values()].map((client) => client.end())))

const ALL = ['copy', 'load']
const NONE = { runs: 0, completed: 0, failed: 0, cancelled: 0, successRate: null, p50Duration: null, p95Duration: null }

/** workflow, when it ended, how long it took in ms, how it ended, tenant. */
const HISTORY = [
  ['copy', '2026-01-10T15:59:59.999Z', 4_999, 'completed', OWN],
  ['copy', '2026-01-10T16:00:00.000Z', 5_000, 'completed', OWN],
  ['load', '2026-01-11T03:00:00.000Z', 70_000, 'completed', OWN],
  ['copy', '2026-01-11T04:00:00.000Z', 1, 'failed', OWN],
  ['copy', '2026-01-13T04:00:00.000Z', 6_999, 'completed', OWN],
  ['load', '2026-01-13T05:00:00.000Z', 9, 'cancelled', OWN],
  ['copy', '2026-01-11T04:00:00.000Z', 5_500, 'completed', OTHER],
  ['theirs', '2026-01-11T04:00:00.000Z', 5_500, 'failed', OTHER],
] as const

for (const [workflow, end, took, status, tenant] of HISTORY) {
  const times = { started_at: new Date(Date.parse(end) - took).toISOString(), completed_at: end }
  const error = status === 'failed' ? { error: 'no' } : {}
  const steps = [{ step: 'move', status, ...times, ...error, substeps: [{ step: 'part', status, ...times, ...error }] }]
  await importRun(db, { workflow, tenant, status, ...times, steps })
}

const read = (more: object = {}) => readBoundedStats(db.pool, { tenant: OWN, workflows: ALL, zone: 'UTC', ...more })
const buckets = (rows: DurationBucket[]) => rows.map(({ atLeast, below, runs }) => [atLeast, below, runs])
const counts = ({
  runs,
  completed,
  failed,
  cancelled,
}: Pick<RunNumbers, 'runs' | 'completed' | 'failed' | 'cancelled'>) => [runs, completed, failed, cancelled]

test('workflows count together, as by hand, and of another tenant nothing', async () => {
  const { total } = await read()
  assert.deepEqual(total, {
    runs: 6,
    completed: 4,
    failed: 1,
    cancelled: 1,
    successRate: 0.8,
    averageDuration: Math.round((4_999 + 5_000 + 70_000 + 6_999) / 4),
    p50Duration: 5_000,
    p95Duration: 70_000,
  })
  assert.deepEqual(counts((await read({ workflows: ['load'] })).total), [2, 1, 0, 1])
  assert.deepEqual(counts((await read({ workflows: [] })).total), [0, 0, 0, 0])
  assert.deepEqual(await listWorkflowsWithRuns(db.pool, OWN), ALL)
})

test('a window begins at its first moment and ends before its last', async () => {
  const { total } = await read({ since: '2026-01-10T16:00:00Z', until: '2026-01-13T04:00:00Z' })
  assert.deepEqual(counts(total), [3, 2, 1, 0])
})

test('a histogram counts what completed, in buckets that hold their lower edge, without a gap', async () => {
  const { durations } = await read()
  assert.deepEqual(buckets(durations).slice(0, 4), [
    [3_000, 5_000, 1],
    [5_000, 7_000, 2],
    [7_000, 10_000, 0],
    [10_000, 15_000, 0],
  ])
  assert.deepEqual(buckets(durations).at(-1), [60_000, 90_000, 1])
  const of = async (more: object) =>
    buckets((await readDurations(db.pool, { tenant: OWN, workflow: 'copy', ...more })).durations)
  const copies = [
    [3_000, 5_000, 1],
    [5_000, 7_000, 2],
  ]
  assert.deepEqual(await of({}), copies)
  assert.deepEqual(await of({ step: 'move' }), copies)
  assert.deepEqual(await of({ step: 'part', parent: 'move' }), copies)
  assert.deepEqual(await of({ step: 'part' }), [])
  assert.deepEqual(await of({ step: 'move', since: '2026-01-12T00:00:00Z' }), [[5_000, 7_000, 1]])
})

test('a trend has a point a unit, the empty ones too, cut where the reader’s day begins', async () => {
  const { trend } = await read({ since: '2026-01-10T12:00:00Z', until: '2026-01-14T12:00:00Z', zone: 'Asia/Shanghai' })
  assert.deepEqual([trend.unit, trend.zone], ['day', 'Asia/Shanghai'])
  assert.deepEqual(
    trend.points.map(({ at, ...numbers }) => [new Date(at).toISOString(), ...counts(numbers)]),
    [
      ['2026-01-09T16:00:00.000Z', 1, 1, 0, 0],
      ['2026-01-10T16:00:00.000Z', 3, 2, 1, 0],
      ['2026-01-11T16:00:00.000Z', 0, 0, 0, 0],
      ['2026-01-12T16:00:00.000Z', 2, 1, 0, 1],
      ['2026-01-13T16:00:00.000Z', 0, 0, 0, 0],
    ],
  )
  const { at: _, ...empty } = trend.points[2] ?? {}
  assert.deepEqual(empty, NONE)
})

test('hours are real ones on the day that has 25, and a long time is told in weeks or months', async () => {
  const hours = await read({ since: '2026-10-24T22:00:00Z', until: '2026-10-25T23:00:00Z', zone: 'Europe/Berlin' })
  assert.deepEqual([hours.trend.unit, hours.trend.points.length], ['hour', 25])
  const unitSince = async (since: string) => (await read({ since, until: '2026-11-01' })).trend.unit
  assert.equal(await unitSince('2026-01-01'), 'week')
  assert.equal(await unitSince('2020-01-01'), 'month')
})

test('hours miss no run where clocks are moved by half an hour', async () => {
  const zone = 'Australia/Lord_Howe'
  for (const day of ['2026-04-04', '2025-10-04']) {
    const [first, hours] = [Date.parse(`${day}T10:00:00Z`), 24]
    for (let half = 0; half < 2 * hours; half++) {
      const completed_at = new Date(first + half * 1_800_000).toISOString()
      await importRun(db, { workflow: 'tide', tenant: zone, status: 'cancelled', completed_at, steps: [] })
    }
    const window = { since: new Date(first).toISOString(), until: new Date(first + hours * 3_600_000).toISOString() }
    const { total, trend } = await read({ ...window, tenant: zone, workflows: ['tide'], zone })
    assert.deepEqual([trend.unit, total.runs], ['hour', 2 * hours])
    assert.equal(
      trend.points.reduce((sum, { runs }) => sum + runs, 0),
      total.runs,
    )
    assert.equal(new Set(trend.points.map(({ at }) => at)).size, trend.points.length)
  }
})

test('days miss no run where midnight comes twice, and begin no day too many', async () => {
  const zone = 'America/Havana'
  const completed_at = '2026-11-01T04:15:00Z'
  await importRun(db, { workflow: 'tide', tenant: zone, status: 'cancelled', completed_at, steps: [] })
  const runsUntil = async (until: string) => {
    const { trend } = await read({ since: '2026-10-25T04:00:00Z', until, tenant: zone, workflows: ['tide'], zone })
    return trend.points.map(({ runs }) => runs)
  }
  const before = [0, 0, 0, 0, 0, 0, 0]
  assert.deepEqual(await runsUntil('2026-11-01T04:00:00Z'), before)
  assert.deepEqual(await runsUntil('2026-11-01T04:30:00Z'), [...before, 1])
  assert.deepEqual(await runsUntil('2026-11-01T05:00:00Z'), [...before, 1])
})

test('of more runs than are counted at once, the newest are, and the answer says since when', async () => {
  const bounds = (runs: number, withSteps: number) =>
    db.value<Record<string, string | null>>('select stepcast.stats_window($1, $2, null, $3, $4, $5)', [
      OWN,
      ALL,
      '2026-02-01',
      runs,
      withSteps,
    ])
  const few = await bounds(3, 2)
  const at = (time: string | null | undefined) => new Date(time ?? Number.NaN).toISOString()
  assert.deepEqual([few.since, few.workflowsSince, few.first].map(at), [
    '2026-01-11T04:00:00.000Z',
    '2026-01-13T04:00:00.000Z',
    '2026-01-11T04:00:00.000Z',
  ])
  assert.equal(few.unit, 'day')
  const enough = await bounds(7, 7)
  assert.deepEqual([enough.since, enough.workflowsSince, at(enough.first)], [null, null, HISTORY[0][1]])
})

test('the numbers of runs are read from one index alone', async () => {
  await db.rows('vacuum analyze stepcast.runs')
  const client = await db.pool.connect()
  try {
    // So few rows are read by any index, or none.
    await client.query('begin; set local enable_seqscan = off; set local enable_bitmapscan = off')
    await client.query(
      'drop index stepcast.runs_by_status, stepcast.runs_by_workflow, stepcast.runs_finished, stepcast.runs_completed',
    )
    for (const sql of ['run_stats()', 'run_durations()', "run_trend('-infinity')"]) {
      const { rows } = await client.query(`explain select * from stepcast.${sql} where tenant = 'own'`)
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
      assert.deepEqual(plan.match(/\w[\w ]* on runs/g), ['Index Only Scan using runs_counted on runs'], plan)
    }
  } finally {
    await client.query('rollback')
    client.release()
  }
})

test('who asks in SQL sees the same, of the tenants of their login alone', async () => {
  const reader = logins.get('reader')
  const rows = async (sql: string) => (await reader?.query(sql))?.rows
  assert.deepEqual(await rows('select tenant, runs::integer, p50_duration::integer from stepcast.run_stats()'), [
    { tenant: OWN, runs: 6, p50_duration: 5_000 },
  ])
  const trend = await rows(
    "select tenant, runs::integer from stepcast.run_trend('2026-01-11', p_workflows => '{copy}') order by at",
  )
  assert.deepEqual(trend, [
    { tenant: OWN, runs: 1 },
    { tenant: OWN, runs: 1 },
  ])
  const histogram = await rows('select sum(runs)::integer as runs from stepcast.run_durations()')
  assert.deepEqual(histogram, [{ runs: 4 }])
  const steps = await rows('select sum(runs)::integer as runs from stepcast.step_durations() where parent is null')
  assert.deepEqual(steps, [{ runs: 4 }])
  assert.deepEqual(await rows("select distinct tenant from stepcast.step_stats_since('2026-01-11', '2026-01-12')"), [
    { tenant: OWN },
  ])
})

test('a time that is null is none', async () => {
  for (const name of [
    'run_stats',
    'run_trend',
    'run_durations',
    'step_durations',
    'workflow_stats_since',
    'step_stats_since',
  ]) {
    const rows = (times: string) => db.rows(`select s::text from stepcast.${name}(${times}) s order by 1`)
    const all = await rows("'-infinity', 'infinity'")
    assert.ok(all.length > 0, name)
    assert.deepEqual(await rows('null, null'), all, name)
  }
})

test('running runs are counted once, in the step they are in, and those that wait apart', async () => {
  for (const tenant of [OWN, OTHER]) for (const step of ['pack', 'pack', 'send', null]) await openShipment(tenant, step)
  await db.rows("update stepcast.runs set run_at = now() + interval '1 hour', revision = revision + 1 where id = $1", [
    await openShipment(OWN, null),
  ])
  const stats = await readRunningStats(db.pool, OWN, ['ship'])
  assert.deepEqual(
    stats.running.map(({ workflow, step, displayName, runs }) => [workflow, step, displayName, runs]),
    [
      ['ship', 'pack', 'Pack', 2],
      ['ship', 'send', 'Send', 1],
    ],
  )
  assert.deepEqual([stats.waiting.runs, stats.lastEnd], [1, null])
  const last = (await readRunningStats(db.pool, OWN, ALL)).lastEnd
  assert.equal(new Date(last ?? '').toISOString(), '2026-01-13T05:00:00.000Z')
  const seen = await logins.get('reader')?.query('select step, runs::integer from stepcast.running_stats order by step')
  assert.deepEqual(seen?.rows, [
    { step: 'pack', runs: 2 },
    { step: 'send', runs: 1 },
    { step: null, runs: 1 },
  ])
})

/** A run that is in a step, its part as well; or (null) waits. */
async function openShipment(tenant: string, step: string | null): Promise<string> {
  const steps = JSON.stringify(['pack', 'send'])
  const run = await db.value<string>("select stepcast.open_run('ship', $1, tenant => $2)", [steps, tenant])
  if (step === 'send') {
    await begin(db, run, 'pack')
    await complete(db, run, 'pack')
  }
  if (step === null) return run
  for (const path of [step, `${step}/part`]) await begin(db, run, path)
  return run
}
