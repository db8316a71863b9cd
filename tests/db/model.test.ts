import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import pg from 'pg'
import { advanceRun, beginSubstep, breakRun, type Claim, claimRun, completeSubstep } from '../../db/engine.ts'
import { flushReports } from '../../db/reports.ts'
import { startRun } from '../../db/runs.ts'
import { registerWorker } from '../../db/workers.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'

const db = await useDatabase()
const definition = workflow('modelled')
  .step('plain', { weight: 3 }, () => {})
  .step('parts', { weight: 2, substeps: ['a', { name: 'b', weight: 4 }] }, () => {})
  .step('last', () => {})
await registerWorkflows(db.pool, [definition])
const session = new pg.Client(db.url)
session.on('error', () => {})
await session.connect()
const worker = await registerWorker(session, 'model', 'stepcast test model')
after(() => session.end())

/** The run as its driver knows it. */
interface Driven {
  run: string
  lease: number
  step: { id: number; step: string }
  substep: { id: number; attempt: number } | null
  ended: boolean
}

type Operation = { does: 'report' | 'report part' | 'by hand' | 'part' | 'advance' | 'fail and retry'; percent: number }

const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.record({
    does: fc.constantFrom('report', 'report part', 'by hand', 'part', 'advance', 'fail and retry'),
    percent: fc.integer({ min: 0, max: 100 }),
  }),
  { minLength: 5, maxLength: 25 },
)

async function claim(run: string): Promise<Driven> {
  const { lease, step, ended } = (await claimRun(db.pool, run, worker)) as Claim
  return { run, lease, step: step ?? { id: 0, step: '' }, substep: null, ended }
}

async function apply(driven: Driven, { does, percent }: Operation): Promise<Driven> {
  const flush = (step: number) =>
    flushReports(db.pool, [{ ...driven, step, progress: percent, message: null, messages: null, metadata: null }], [])
  if (does === 'report') await flush(driven.step.id)
  if (does === 'report part' && driven.substep) await flush(driven.substep.id)
  if (does === 'by hand') {
    await db.rows(`update stepcast.steps set progress = $2 where run_id = $1 and status = 'running'`, [
      driven.run,
      percent,
    ])
  }
  if (does === 'part' && driven.substep) {
    await completeSubstep(db.pool, driven, driven.substep, null)
    return { ...driven, substep: null }
  }
  if (does === 'part' && driven.step.step === 'parts') {
    const { id, attempt, completed } = await beginSubstep(db.pool, driven, driven.step.id, percent < 50 ? 'a' : 'b')
    return { ...driven, substep: completed ? null : { id, attempt } }
  }
  if (does === 'advance') {
    const { step, ended } = await advanceRun(db.pool, driven, driven.step.id, null, true)
    return { ...driven, step: step ?? driven.step, substep: null, ended }
  }
  if (does === 'fail and retry') {
    await breakRun(db.pool, driven, driven.step.id, { message: 'no', stack: null })
    await check(driven.run)
    await db.rows('select stepcast.retry_run($1)', [driven.run])
    await check(driven.run)
    return claim(driven.run)
  }
  return driven
}

interface Shape {
  status: string
  progress: number
  expected: number
  drift: string
  unbumped: number
  unjournalled: number
  revision: number
  reset: boolean
}

/** What must be true of a run's rows at any time; returns them. */
async function check(run: string): Promise<Shape> {
  const [shape] = await db.rows<Shape>(
    `select r.status, r.progress, work.percent as expected, r.work_done - work.done as drift,
       r.revision::integer, r.reset_revision = r.revision as reset,
       (select count(*)::integer from stepcast.steps s where s.run_id = r.id and s.revision > r.revision) as unbumped,
       (select r.journal_entries - count(*)::integer from stepcast.journal j where j.run_id = r.id) as unjournalled
     from stepcast.runs r, stepcast.measure_run(r.id, null) work
     where r.id = $1`,
    [run],
  )
  assert.ok(shape)
  assert.equal(Number(shape.drift), 0, 'the bar by differences is the bar by rows')
  assert.equal(shape.progress, shape.status === 'completed' ? 100 : shape.expected)
  assert.deepEqual([shape.unbumped, shape.unjournalled], [0, 0])
  return shape
}

test('whatever is done to a run in whatever order, its rows agree with each other', async () => {
  await fc.assert(
    fc.asyncProperty(operations, async (sequence) => {
      const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'modelled', input: {} })
      let driven = await claim(id)
      let before = await check(id)
      for (const operation of sequence) {
        if (driven.ended) break
        driven = await apply(driven, operation)
        const now = await check(id)
        assert.ok(now.revision >= before.revision, 'revisions never fall')
        if (operation.does !== 'fail and retry') assert.ok(now.progress >= before.progress, 'progress never falls')
        before = now
      }
    }),
    { numRuns: process.env.STEPCAST_TEST_LONG ? 1_000 : 60 },
  )
})
