import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { z } from 'zod'
import { z as z3 } from 'zod/v3'
import { startRun } from '../../db/runs.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { startWorker } from '../../worker/start.ts'
import { type Workflow, workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { type FinishedRun, finished, waitForRow } from '../support/wait.ts'

const db = await useDatabase()

const start = (workflow: string, input: unknown = {}) =>
  startRun(db.pool, { tenant: 'default', actor: 'test', workflow, input })

/** Its onEnd has been called too: a worker that is stopped before leaves that to another. */
async function runOnce(definition: Workflow): Promise<FinishedRun> {
  await using _ = await startWorker({ workflows: [definition], databaseUrl: db.url })
  const run = await finished(db.url, (await start(definition.definition.name)).id)
  await waitForRow(db.url, 'select from stepcast.runs where id = $1 and not on_end_pending', [run.id])
  return run
}

async function statuses(run: string): Promise<Record<string, string>> {
  const rows = await db.rows<{ step: string; status: string }>(
    'select step, status from stepcast.steps where run_id = $1 order by sequence',
    [run],
  )
  return Object.fromEntries(rows.map(({ step, status }) => [step, status]))
}

test('independent steps run at the same time, and one begins when all that it needs is done', async () => {
  const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
  const meet = async (mine: 0 | 1) => {
    both[mine].resolve()
    await both[1 - mine]?.promise
    return mine
  }
  const diamond = workflow('diamond')
    .step('fetch', () => 'fetched')
    .step('left', { needs: ['fetch'] }, () => meet(0))
    .step('right', { needs: ['fetch'] }, () => meet(1))
    .step('join', { needs: ['left', 'right'] }, ({ results }) => results.left + results.right)
  const run = await runOnce(diamond)
  assert.deepEqual([run.status, run.output], ['completed', 1])
})

test('a step gets the results of what it needs and no others; without needs, of the steps before it', async () => {
  const seen: object[] = []
  const see = ({ results }: { results: object }) => seen.push({ ...results }) > 0
  const summing = workflow('summing')
    .step('list', () => 1_000)
    .step('one', { needs: ['list'], when: see }, () => 1)
    .step('beside', { needs: [], when: see }, () => 50_000)
    .step('sum', { needs: ['one', 'beside'] }, ({ results }) => Object.values(results).reduce((a, b) => a + b, 0))
    .step('all', ({ results }) => results)
  const run = await runOnce(summing)
  assert.deepEqual(seen, [{}, { list: 1_000 }])
  assert.deepEqual(run.output, { list: 1_000, one: 1, beside: 50_000, sum: 50_001 })
})

test('a need that is not defined before its step is an error when the workflow is defined', () => {
  const begun = workflow('wrong').step('first', () => {})
  assert.throws(() => begun.step('second', { needs: ['third' as 'first'] }, () => {}), {
    name: 'TypeError',
    message: /step “second” of workflow wrong needs third, which is not defined before it \(there are: first\)/,
  })
  assert.throws(() => begun.step('second', { needs: ['second' as 'first'] }, () => {}), TypeError, 'not itself')
})

test('what plain JavaScript lets one write is an error when the workflow is defined', () => {
  const begun = workflow('wrong')
  const none = 5 as unknown as () => void
  assert.throws(() => begun.step('a', {}, none), /“a” of workflow wrong: the handler must be a function, not number/)
  assert.throws(() => begun.step('a', { when: none as () => true }, () => {}), /when must be a function/)
  assert.throws(() => begun.step('a', { whenSkipped: 'skipp' as 'skip' }, () => {}), /must be run or skip, not skipp/)
  assert.throws(
    () => begun.step('a', { timeout: '' as '1s' }, () => {}),
    /“a” of workflow wrong: timeout must be above 0/,
  )
  assert.throws(
    () => workflow('w', { onFailure: 'cancel' as 'cancel-siblings' }),
    /onFailure of workflow w must be cancel/,
  )
  assert.throws(() => begun.onEnd(none), /onEnd of workflow wrong must be a function/)
  assert.throws(() => begun.onEnd(() => {}).onEnd(() => {}), /wrong has an onEnd already/)
})

test('an input that is no schema of zod 4 is an error when the workflow is defined, which says so', () => {
  const given = (input: unknown) => () => workflow('w', { input: input as z.ZodType })
  assert.throws(given(z3.object({ path: z3.string() })), {
    name: 'TypeError',
    message: 'input of workflow w must be a schema of zod 4, not one of zod 3',
  })
  assert.throws(given({ type: 'object' }), /input of workflow w must be a schema of zod 4, not object/)
  assert.throws(given(null), /must be a schema of zod 4, not object/)
})

test('a name where a list of names is wanted is an error when the workflow is defined', () => {
  const begun = workflow('wrong').step('a', () => {})
  const name = 'a' as unknown as []
  assert.throws(
    () => begun.step('b', { needs: name }, () => {}),
    /“b” of workflow wrong: needs must be a list .* not a$/,
  )
  assert.throws(() => begun.step('b', { substeps: name }, () => {}), /substeps must be a list of names, not a$/)
})

test('an option that there is not is an error when the workflow is defined, and says which there are', () => {
  const begun = workflow('wrong')
  const given = (options: object) => () => begun.step('a', options, () => {})
  assert.throws(given({ retries: 3 }), /“a” of workflow wrong: there is no option retries; there are .*, retry,/)
  assert.throws(given({ retry: { attempts: 2, backoff: '1s' } }), /retry: there is no option backoff; .* delay,/)
  assert.throws(given({ retry: 3 }), /retry must be an object, not 3/)
  assert.throws(given({ substeps: [{ name: 'part', title: 'Part' }] }), /a sub-step: there is no option title/)
  assert.throws(() => workflow('w', { name: 'v' } as object), /the options of workflow w: there is no option name/)
  const concurrency = { limit: 1, per: '{tenant}' }
  assert.throws(() => workflow('w', { concurrency }), /the concurrency of workflow w: there is no option per/)
})

test('what cannot be is an error when the workflow is defined', () => {
  const begun = workflow('wrong')
  assert.throws(() => begun.step('a', { retry: { attempts: 0 } }, () => {}), /counts all attempts/)
  assert.throws(() => begun.step('a', { retry: { attempts: 2, factor: 0.5 } }, () => {}), /factor must be at least 1/)
  assert.throws(() => begun.step('a', { retry: { attempts: 2, jitter: 2 } }, () => {}), /jitter must be from 0 to 1/)
  assert.throws(() => begun.step('a', { timeout: 'soon' as '1s' }, () => {}), /timeout must be above 0.* not soon/)
  assert.throws(() => begun.step('a', { stuckAfter: -5 }, () => {}), /stuckAfter must be above 0.* not -5/)
  assert.throws(() => begun.step('a', { stuckAfter: 0 }, () => {}), /stuckAfter must be above 0.* not 0/)
  assert.throws(() => workflow('wrong', { concurrency: { limit: 0 } }), /limit .* above 0,.* not 0/)
  assert.throws(() => workflow('wrong', { timeout: 0 }), /timeout of workflow wrong must be above 0/)
})

test('what the database could not keep is an error when the workflow is defined', () => {
  const begun = workflow('wrong')
  const years = /must be 1,000 years at most, not 10{20}$/
  assert.throws(() => begun.step('a', { timeout: 1e20 }, () => {}), years)
  assert.throws(() => begun.step('a', { retry: { attempts: 2, delay: 1e20 } }, () => {}), years)
  assert.throws(() => workflow('wrong', { timeout: 1e20 }), years)
  assert.throws(() => workflow('wrong', { concurrency: { limit: 1e10 } }), /up to 2147483647, not 10000000000$/)
  assert.throws(() => begun.step('a', { weight: 1e16 }, () => {}), /weight must be above 0, up to 1e15/)
  assert.throws(() => begun.step('a', { weight: Infinity }, () => {}), /weight must be above 0, up to 1e15/)
  assert.throws(() => begun.step('a', { retry: { attempts: 2, factor: Infinity } }, () => {}), /factor .* Infinity/)
  assert.throws(
    () => begun.step('a', { substeps: ['x'.repeat(201)] }, () => {}),
    /the name of a sub-step has 1 to 200 characters/,
  )
  for (const name of ['a\0b', 'a\ud800']) assert.throws(() => begun.step(name, () => {}), /neither NUL nor half of a/)
  const displayName = { en: 'a', zh: 'a\0b' }
  assert.throws(() => begun.step('a', { displayName }, () => {}), /: displayName has neither NUL/)
  assert.throws(
    () => begun.step('a', { substeps: [{ name: 'x', displayName }] }, () => {}),
    /displayName of sub-step x has neither/,
  )
  assert.throws(() => workflow('w', { displayName }), /displayName of workflow w has neither/)
  assert.throws(
    () => workflow('w', { displayName: 7 as unknown as string }),
    /must be a text, or one for each language/,
  )
  const concurrency = { limit: 1, key: '\ud800' }
  assert.throws(() => workflow('w', { concurrency }), /the concurrency key of workflow w has neither/)
})

test('a step is skipped by its condition or by its handler, with the reason, and what needs it decides by declaration', async () => {
  const skipping = workflow('skipping')
    .step('never', { when: () => false }, () => assert.fail('its handler was called'))
    .step('itself', { needs: [] }, (ctx) => ctx.skip('nothing to do'))
    .step('runs', { needs: ['never'] }, ({ results }) => Object.keys(results))
    .step('follows', { needs: ['never'], whenSkipped: 'skip' }, () => assert.fail('its handler was called'))
    .step('last', { needs: ['follows', 'itself', 'runs'], whenSkipped: 'run' }, ({ results }) => results.runs)
  const run = await runOnce(skipping)
  assert.deepEqual([run.status, run.output], ['completed', []])
  assert.deepEqual(await statuses(run.id), {
    never: 'skipped',
    itself: 'skipped',
    runs: 'completed',
    follows: 'skipped',
    last: 'completed',
  })
  const reasons = await db.rows(
    "select step, message from stepcast.steps where run_id = $1 and status = 'skipped' order by sequence",
    [run.id],
  )
  assert.deepEqual(reasons, [
    { step: 'never', message: 'Its condition was not met.' },
    { step: 'itself', message: 'nothing to do' },
    { step: 'follows', message: 'A step that it needs was skipped.' },
  ])
})

test('a step that is skipped with what it needs takes its sub-steps along', async () => {
  const skipping = workflow('skipping_parts')
    .step('never', { when: () => false }, () => assert.fail('its handler was called'))
    .step('follows', { needs: ['never'], whenSkipped: 'skip', substeps: ['first', 'second'] }, () => {})
    .step('after', { needs: ['follows'], whenSkipped: 'skip', substeps: ['third'] }, () => {})
    .step('beside', { needs: ['never'] }, () => 'went on')
  const run = await runOnce(skipping)
  assert.equal(run.status, 'completed')
  assert.deepEqual(await statuses(run.id), {
    never: 'skipped',
    follows: 'skipped',
    first: 'skipped',
    second: 'skipped',
    after: 'skipped',
    third: 'skipped',
    beside: 'completed',
  })
  const entries = await db.rows<{ entry: string; step: string; reason: string }>(
    'select entry, step, reason from stepcast.journal where run_id = $1 order by entry',
    [run.id],
  )
  const kept = await db.value<string>('select journal_entries from stepcast.runs where id = $1', [run.id])
  assert.deepEqual(
    entries.map(({ entry }) => Number(entry)),
    Array.from({ length: Number(kept) }, (_, index) => index + 1),
  )
  assert.deepEqual(
    entries.filter(({ step }) => ['first', 'second', 'third'].includes(step)).map(({ step, reason }) => [step, reason]),
    ['first', 'second', 'third'].map((step) => [step, 'A step that it needs was skipped.']),
  )
})

test('what a step wrote before it skipped commits with the skip', async () => {
  await db.rows('create table noted (run uuid)')
  const noting = workflow('noting').step('note', async (ctx) => {
    await ctx.tx.query('insert into noted values ($1)', [ctx.run.id])
    ctx.skip('only noted')
  })
  const run = await runOnce(noting)
  assert.equal(run.status, 'completed')
  assert.equal(await db.value('select count(*)::integer from noted where run = $1', [run.id]), 1)
})

test('a step that is skipped from within a sub-step skips that one too, without what it wrote itself', async () => {
  await db.rows('create table half_done (part text)')
  const skipping = workflow('skipping_within').step('copy', async (ctx) => {
    await ctx.tx.query("insert into half_done values ('step')")
    await ctx.substep('table', (sub) =>
      sub.substep('page', async ({ tx }) => {
        await tx.query("insert into half_done values ('page')")
        ctx.skip('nothing to copy')
      }),
    )
  })
  const run = await runOnce(skipping)
  assert.equal(run.status, 'completed')
  assert.deepEqual(await statuses(run.id), { copy: 'skipped', table: 'skipped', page: 'skipped' })
  const attempts = await db.rows('select status, error from stepcast.attempts where run_id = $1', [run.id])
  assert.deepEqual(attempts, Array(3).fill({ status: 'skipped', error: null }))
  assert.deepEqual(await db.rows('select part from half_done'), [{ part: 'step' }])
})

test('a condition that throws fails its step', async () => {
  const broken = workflow('broken_condition').step(
    'ask',
    {
      when: () => {
        throw new Error('no answer')
      },
    },
    () => {},
  )
  assert.deepEqual([(await runOnce(broken)).error], ['no answer'])
})

test('a step that fails for good stops its siblings', async () => {
  const begun = Promise.withResolvers<void>()
  const stopped = Promise.withResolvers<unknown>()
  const cancelling = workflow('cancelling')
    .step('fails', async () => {
      await begun.promise
      throw new Error('broken')
    })
    .step('waits', { needs: [] }, ({ signal }) => {
      begun.resolve()
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          stopped.resolve(signal.reason)
          reject(signal.reason)
        }),
      )
    })
  await using _ = await startWorker({ workflows: [cancelling], databaseUrl: db.url })
  const run = await finished(db.url, (await start('cancelling')).id)
  assert.deepEqual([run.status, run.error], ['failed', 'broken'])
  assert.deepEqual(await statuses(run.id), { fails: 'failed', waits: 'cancelled' })
  assert.equal(((await stopped.promise) as Error).name, 'Stopped')
})

test('a workflow may let what does not need the failed step go on to its end', async () => {
  const failed = Promise.withResolvers<void>()
  const finishing = workflow('finishing', { onFailure: 'finish-siblings' })
    .step('fails', () => {
      setTimeout(failed.resolve, 50)
      throw new Error('broken')
    })
    .step('beside', { needs: [] }, () => failed.promise)
    .step('after', { needs: ['beside'] }, () => 'done')
    .step('blocked', { needs: ['fails', 'after'] }, () => assert.fail('its handler was called'))
  let end: unknown
  const run = await runOnce(
    finishing.onEnd(({ status, error }) => {
      end = { status, error }
    }),
  )
  assert.deepEqual([run.status, run.error], ['failed', 'broken'])
  assert.deepEqual(await statuses(run.id), {
    fails: 'failed',
    beside: 'completed',
    after: 'completed',
    blocked: 'pending',
  })
  assert.deepEqual(end, { status: 'failed', error: 'broken' })
})

test('where several steps have failed, everything names the same one: the first in their order', async () => {
  const early = Promise.withResolvers<void>()
  const failing = workflow('failing_twice', { onFailure: 'finish-siblings' })
    .step('before', () => {})
    .step('late', async () => {
      await early.promise
      throw new Error('broken late')
    })
    .step('early', { needs: [] }, () => {
      setTimeout(early.resolve, 50)
      throw new Error('broken early')
    })
  const { id, error, error_stack } = await runOnce(failing)
  const [named] = await db.rows(
    `select p.current_step, s.summary ->> 'failed_step' as failed_step, s.summary ->> 'error' as error
     from stepcast.run_progress p join stepcast.run_summaries s using (id) where id = $1`,
    [id],
  )
  assert.deepEqual(named, { current_step: 'late', failed_step: 'late', error: 'broken late' })
  assert.equal(error, 'broken late')
  assert.match(String(error_stack), /^Error: broken late\n/)
})

test('a linear run of no-op steps costs one commit a step and one more', async () => {
  const linear = Array.from({ length: 6 }).reduce<Workflow>(
    (made, _, index) => made.step(`step ${index}`, () => {}),
    workflow('linear'),
  )
  const run = await runOnce(linear)
  const revisions = await db.value<number>('select revision::integer from stepcast.runs where id = $1', [run.id])
  assert.equal(revisions, 1 + 1 + 6, 'created, claimed, and each step once')
})

test('two versions of a workflow are alive at once, each run is driven by the one that it began with', async () => {
  const older = workflow('evolving').step('only', () => 'older')
  const newer = older.step('more', () => 'newer')
  await using _ = await startWorker({ workflows: [older], databaseUrl: db.url })
  const first = await start('evolving')
  assert.equal((await finished(db.url, first.id)).output, 'older')
  await using _both = await startWorker({ workflows: [newer, older], databaseUrl: db.url })
  assert.equal((await finished(db.url, (await start('evolving')).id)).output, 'newer')
})

test('a default that is another one each time changes no version, and is not told to who starts a run', async () => {
  const input = () =>
    z.object({
      at: z.string().default(() => new Date().toISOString()),
      id: z.string().prefault(() => randomUUID()),
      kind: z.string().catch(() => randomUUID()),
      default: z.string().default('of its own'),
    })
  const make = () => workflow('dated', { input: input() }).step('only', ({ input }) => input.default)
  // Made anew, as in another process.
  for (const definition of [make(), make()]) await registerWorkflows(db.pool, [definition])
  const [row, ...others] = await db.rows<{ input_schema: { properties: Record<string, { default?: string }> } }>(
    "select input_schema from stepcast.workflows where name = 'dated'",
  )
  assert.equal(others.length, 0)
  const defaults = Object.entries(row?.input_schema.properties ?? {}).map(([name, member]) => [name, member.default])
  assert.deepEqual(Object.fromEntries(defaults), {
    at: undefined,
    id: undefined,
    kind: undefined,
    default: 'of its own',
  })
  await using _ = await startWorker({ workflows: [make()], databaseUrl: db.url })
  const { id } = await start('dated', { kind: 'x' })
  assert.equal((await finished(db.url, id)).output, 'of its own')
})

test('a default that has changed since is told to who starts a run, though the version stays', async () => {
  const make = (size: number) =>
    workflow('resized', { input: z.object({ size: z.number().default(size) }) }).step('only', () => {})
  const told = () =>
    db.rows<{ size: number; current: boolean }>(
      `select (input_schema #>> '{properties,size,default}')::integer as size, current
       from stepcast.workflows
       where name = 'resized'`,
    )
  await registerWorkflows(db.pool, [make(5)])
  await registerWorkflows(db.pool, [make(10)])
  assert.deepEqual(await told(), [{ size: 10, current: true }])
  await registerWorkflows(db.pool, [make(10).step('another', () => {})])
  await registerWorkflows(db.pool, [make(20)])
  assert.deepEqual(
    (await told()).map(({ size, current }) => [size, current]).sort(),
    [
      [10, true],
      [20, false],
    ],
    'and an older version does not become current by it',
  )
})

test('the order in which an input names its fields is kept beside them, for forms, and is no part of the version', async () => {
  const place = z.object({ street: z.string(), no: z.string(), city: z.string() })
  const definition = workflow('ordered', {
    input: z.object({ name: z.string(), place, at: z.string().optional() }),
  }).step('only', () => {})
  await registerWorkflows(db.pool, [definition])
  // As a worker of before has registered it.
  await db.rows("update stepcast.workflows set input_schema = input_schema - 'propertyOrder' where name = 'ordered'")
  await registerWorkflows(db.pool, [definition])
  const rows = await db.rows(
    `select input_schema -> 'propertyOrder' as fields,
       input_schema #> '{properties,place,propertyOrder}' as place
     from stepcast.workflows
     where name = 'ordered'`,
  )
  assert.deepEqual(rows, [{ fields: ['name', 'place', 'at'], place: ['street', 'no', 'city'] }])
})

test('a run that no live worker can serve waits, and stuck_runs says why', async () => {
  const gone = workflow('gone').step('only', () => 'served')
  const worker = await startWorker({ workflows: [gone], databaseUrl: db.url })
  await worker.stop()
  const { id } = await start('gone')
  const why = () => db.value<string>("select reason || ': ' || why from stepcast.stuck_runs where id = $1", [id])
  assert.equal(await why(), 'no-worker: no worker is alive')
  await using _ = await startWorker({ workflows: [gone.step('another', () => {})], databaseUrl: db.url })
  assert.match(await why(), /^no-version: no live worker has version [0-9a-f]{12} of workflow gone$/)
  await using _old = await startWorker({ workflows: [gone], databaseUrl: db.url })
  assert.equal((await finished(db.url, id)).output, 'served')
  assert.equal(await why(), undefined)
  await waitForRow(db.url, 'select from stepcast.runs where id = $1', [id])
})

/** A workflow whose steps all begin together, and call this. */
function fan(name: string, count: number, handler: () => unknown): Workflow {
  let fan = workflow(name)
  for (let step = 1; step <= count; step++) fan = fan.step(`part ${step}`, { needs: [] }, handler)
  return fan
}

test('steps that begin together leave the event loop a turn after each handler', async () => {
  let turn = 0
  let isOver = false
  const count = () => {
    turn += 1
    if (!isOver) setImmediate(count)
  }
  const turns = new Set<number>()
  setImmediate(count)
  const { error } = await runOnce(fan('fan', 50, () => void turns.add(turn)))
  isOver = true
  assert.equal(error, null)
  assert.equal(turns.size, 50)
})

test('a step whose worker is stopped while it waits for its turn does not begin', async () => {
  let calls = 0
  const stopped = Promise.withResolvers<void>()
  const stopping = fan('stopped_fan', 3, () => {
    calls += 1
    stopped.resolve(worker.stop())
  })
  await using worker = await startWorker({ workflows: [stopping], databaseUrl: db.url })
  await start('stopped_fan')
  await stopped.promise
  assert.equal(calls, 1)
})
