import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import pg from 'pg'
import { registerWorker } from '../../db/workers.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { useDatabase } from '../support/fixture.ts'
import { size } from '../support/size.ts'
import { ModelRun } from './engine-model.ts'
import { RealRun, STEPS, shaped } from './engine-run.ts'

const db = await useDatabase()
await registerWorkflows(db.pool, [shaped('cancelling', 'cancel-siblings'), shaped('finishing', 'finish-siblings')])
const session = new pg.Client(db.url)
session.on('error', () => {})
await session.connect()
const worker = await registerWorker(session, 'model', 'stepcast test model')
after(() => session.end())

const step = fc.constantFrom(...STEPS)
const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('claim' as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      does: fc.constant('end' as const),
      step,
      status: fc.constantFrom('completed' as const, 'completed' as const, 'skipped' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('fail' as const), step, retryable: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('report' as const), step, progress: fc.integer({ min: 0, max: 100 }) }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('time passes' as const) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('look' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('operate' as const),
      step,
      status: fc.constantFrom('completed', 'failed', 'skipped', 'cancelled', 'running', 'pending'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('lose' as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('cancel' as const) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('retry' as const), from: fc.option(step) }) },
)
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

/** The same operation on the model and on the database: `ModelRun` answers at once, `RealRun` by a promise. */
function apply<Answer>(run: Doer<Answer>, operation: Operation): Answer {
  switch (operation.does) {
    case 'claim':
      return run.claim()
    case 'look':
      return run.look()
    case 'end':
      return run.end(operation.step, operation.status)
    case 'fail':
      return run.fail(operation.step, operation.retryable)
    case 'report':
      return run.report(operation.step, operation.progress)
    case 'time passes':
      return run.timePasses()
    case 'operate':
      return run.operate(operation.step, operation.status)
    case 'lose':
      return run.lose()
    case 'cancel':
      return run.cancel()
    case 'retry':
      return run.retry(operation.from)
  }
}

interface Doer<Answer> {
  claim(): Answer
  look(): Answer
  end(step: string, status: 'completed' | 'skipped'): Answer
  fail(step: string, retryable: boolean): Answer
  report(step: string, progress: number): Answer
  timePasses(): Answer
  operate(step: string, status: string): Answer
  lose(): Answer
  cancel(): Answer
  retry(from: string | null): Answer
}

interface Shape {
  status: string
  progress: number
  expected: number
  drift: string
  unbumped: number
  unjournalled: number
  untold: number
  open: number
  revision: number
  reset: string
}

/** What must be true of a run's rows at any time; returns them. */
async function check(run: string): Promise<Shape> {
  const [shape] = await db.rows<Shape>(
    `select r.status, r.progress, work.percent as expected, r.work_done - work.done as drift,
       r.revision::integer, r.reset_revision as reset,
       (select count(*)::integer from stepcast.steps s where s.run_id = r.id and s.revision > r.revision) as unbumped,
       (select r.journal_entries - count(*)::integer from stepcast.journal j where j.run_id = r.id) as unjournalled,
       (select count(*)::integer
        from stepcast.steps s
        where s.run_id = r.id
          and (
            select array_append(array_agg(j.from_status order by j.entry), s.status) <> array_prepend('pending', array_agg(j.to_status order by j.entry))
            from stepcast.journal j
            where j.step_id = s.id and j.to_status is not null)) as untold,
       (select count(*)::integer
        from stepcast.steps s
        where s.run_id = r.id
          and (s.status = 'running') <> exists (
            select from stepcast.attempts a where a.step_id = s.id and a.attempt = s.attempt and a.status = 'running')) as open
     from stepcast.runs r, stepcast.measure_run(r.id, null) work
     where r.id = $1`,
    [run],
  )
  assert.ok(shape)
  assert.equal(Number(shape.drift), 0, 'the bar by differences is the bar by rows')
  if (shape.status === 'completed') assert.equal(shape.progress, 100)
  else assert.ok(shape.progress >= shape.expected && shape.progress < 100)
  assert.deepEqual([shape.unbumped, shape.unjournalled, shape.untold, shape.open], [0, 0, 0, 0])
  return shape
}

for (const name of ['cancelling', 'finishing']) {
  test(`whatever is done to a ${name} run in whatever order, it does what the model does`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 30 }), async (operations) => {
        const model = Object.assign(new ModelRun(name === 'finishing'), { report: () => 'done' })
        const real = await RealRun.start(db, worker, name)
        let before = await check(real.id)
        for (const each of operations) {
          const said = JSON.stringify(each)
          assert.equal(await apply<Promise<string>>(real, each), apply<string>(model, each), said)
          const steps = Object.entries(model.steps).map(([step, { status, attempt }]) => [step, [status, attempt]])
          assert.deepEqual(
            await real.state(),
            { status: model.status, driven: model.driven, steps: Object.fromEntries(steps) },
            said,
          )
          const now = await check(real.id)
          assert.ok(now.revision >= before.revision, 'revisions never fall')
          if (now.reset === before.reset) assert.ok(now.progress >= before.progress, 'progress never falls')
          before = now
        }
      }),
      { numRuns: size(6, 1_500) },
    )
  })
}

test('two connections at once: the rules hold, and nothing but a rule or a deadlock refuses', async () => {
  const list = fc.array(operation, { minLength: 5, maxLength: 15 })
  await fc.assert(
    fc.asyncProperty(list, list, async (first, second) => {
      const run = await RealRun.start(db, worker, 'finishing')
      await run.claim()
      const doAll = async (operations: Operation[]) => {
        for (const each of operations) {
          const said = await apply<Promise<string>>(run, each).catch((error: { code: string }) => error.code)
          assert.match(said, /^(done|fenced|over|taken|gone|SC004|SC005|40P01)$/, JSON.stringify(each))
        }
      }
      await Promise.all([doAll(first), doAll(second)])
      await check(run.id)
    }),
    { numRuns: size(5, 1_000) },
  )
})
