import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { inspect } from 'node:util'
import { z } from 'zod'
import { startRun } from '../../db/runs.ts'
import { parseInput } from '../../worker/input.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { startWorker, type Worker } from '../../worker/start.ts'
import { type Workflow, workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { freePort } from '../support/port.ts'
import { startProxy } from '../support/proxy.ts'
import { type FinishedRun, finished, waitForRow } from '../support/wait.ts'

const db = await useDatabase()
await db.rows('create table effects (run uuid, effect text)')
const INSERT = 'insert into effects values ($1, $2)'

const work = (...workflows: Workflow[]): Promise<Worker> => startWorker({ workflows, databaseUrl: db.url })
const start = ({ definition: { name } }: Workflow, input: unknown = {}) =>
  startRun(db.pool, { tenant: 'default', actor: 'test', workflow: name, input })

async function runOnce(definition: Workflow): Promise<FinishedRun> {
  await using _ = await work(definition)
  return await finished(db.url, (await start(definition)).id)
}

const innocent = workflow('innocent').step('work', async ({ report }) => {
  for (let i = 1; i <= 20; i++) {
    report(i, `part ${i}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
})

for (const [what, say] of [
  ['a log level that there is not', (ctx) => ctx.log('x', 'warning' as 'warn')],
  ['metadata that JSON cannot hold', (ctx) => ctx.report(10, 'm', { n: 1n })],
  ['metadata with NUL', (ctx) => ctx.report(10, 'm', { n: 'a\0b' })],
] as [string, (ctx: { log: LogFn; report: ReportFn }) => void][]) {
  test(`${what} fails its own step, and no other run`, async () => {
    const guilty = workflow('guilty').step('say', (ctx) => say(ctx))
    await using _ = await work(guilty, innocent)
    const [first, second] = await Promise.all([start(guilty), start(innocent)])
    assert.equal((await finished(db.url, first.id)).status, 'failed')
    assert.equal((await finished(db.url, second.id)).status, 'completed')
  })
}

type LogFn = (message: string, level?: 'warn') => void
type ReportFn = (
  progress: number,
  message?: string | Record<string, string>,
  metadata?: Record<string, unknown>,
) => void

// The rows of `pg` are `any`: no compiler sees what of them is null, or a string for a numeric.
interface Row {
  id: string
  progress: number
  message: string
  share: number
  missing: number
  reason: string
}
const row = { id: 7, progress: null, message: null, share: '40.5' } as unknown as Row

test('a report of what a row has no value for says nothing of it, and a numeric as pg gives it counts', async () => {
  const saying = workflow('saying').step('say', async ({ report, substep }) => {
    await substep('none', (sub) => sub.report(row.progress, 'from a row'))
    await substep('missing', (sub) => sub.report(row.missing, 'from a row'))
    report(row.share, row.message)
    throw new Error('seen')
  })
  const { id, error } = await runOnce(saying)
  assert.equal(error, 'seen')
  const said = await db.rows<{ step: string; progress: number; message: string | null }>(
    'select step, progress, message from stepcast.steps where run_id = $1 order by id',
    [id],
  )
  assert.deepEqual(said, [
    { step: 'say', progress: 40, message: null },
    { step: 'none', progress: 100, message: 'from a row' },
    { step: 'missing', progress: 100, message: 'from a row' },
  ])
})

const circular: Record<string, unknown> = {}
circular.itself = circular

for (const [name, said] of [
  [circular, 'the name of a sub-step of step work must be a text, not object'],
  [row.id, 'the name of a sub-step of step work must be a text, not number'],
  ['', 'the name of a sub-step of step work has 1 to 200 characters'],
  ['a\0b', 'the name of a sub-step of step work has neither NUL nor half of a surrogate pair: a\uFFFDb'],
] as [string, string][]) {
  test(`a sub-step that cannot be named ${inspect(name)} is refused in words, and not begun`, async () => {
    const naming = workflow('naming').step('work', (ctx) => ctx.substep(name, () => {}))
    const { id, error } = await runOnce(naming)
    assert.equal(error, said)
    assert.equal(await db.value('select count(*)::integer from stepcast.steps where run_id = $1', [id]), 1)
  })
}

test('a step that is skipped for no reason says that its handler did so', async () => {
  const idle = workflow('idle').step('work', (ctx) => ctx.skip(row.reason))
  const { id } = await runOnce(idle)
  const message = 'select message from stepcast.steps where run_id = $1'
  assert.equal(await db.value(message, [id]), 'Its handler skipped it.')
})

test('sixty sub-steps at once, each with a transaction and reports, do not wait for each other', async () => {
  const crowded = workflow('crowded').step('work', async (ctx) => {
    const one = (n: number) =>
      ctx.substep(`part ${n}`, async (sub) => {
        await sub.tx.query(INSERT, [sub.run.id, `part ${n}`])
        sub.report(50, 'half way')
      })
    await Promise.all(Array.from({ length: 60 }, (_, n) => one(n)))
  })
  const run = await runOnce(crowded)
  assert.equal(run.status, 'completed', String(run.error))
  assert.equal(await db.value('select count(*)::integer from effects where run = $1', [run.id]), 60)
})

test('an input that is refused after a hand-over fails the run; a check that throws refuses too', async () => {
  let acceptable = true
  const inside = Promise.withResolvers<void>()
  const picky = workflow('picky', { input: z.unknown().refine(() => acceptable, 'not any more') }).step(
    'work',
    (ctx) => {
      inside.resolve()
      return new Promise<void>((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)))
    },
  )
  const first = await work(picky)
  const { id } = await start(picky)
  await inside.promise
  await first.stop()
  acceptable = false
  await using _ = await work(picky)
  assert.match(String((await finished(db.url, id)).error), /not any more/)
  const throwing = workflow('throwing', {
    input: z.unknown().transform(() => {
      throw new Error('broken check')
    }),
  }).step('never', () => {})
  // A transform has no JSON Schema for its output, but its input has.
  assert.match(String((await runOnce(throwing)).error), /could not be checked: broken check/)
})

test('an input whose check has not answered after a minute is refused', async () => {
  const unanswered = z.unknown().refine(() => new Promise<boolean>(() => {}))
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    const checked = parseInput(unanswered, {})
    mock.timers.tick(60_000)
    assert.deepEqual(await checked, { error: 'The input could not be checked: it took longer than 60 s' })
  } finally {
    mock.timers.reset()
  }
})

test('what is wrong with an input is kept as a short text that the database can keep', async () => {
  const text = z.string().refine(() => false, 'no \0 here')
  const strict = workflow('many', { input: z.array(text) }).step('never', () => {})
  await using _ = await work(strict)
  const { id } = await start(strict, Array(50_000).fill('x'))
  const error = String((await finished(db.url, id)).error)
  assert.match(error, /^The input is not valid: ✖ no \uFFFD here\n {2}→ at \[0\]/)
  assert.match(error, /→ at \[9\]\n… and 49990 more$/)
})

test('an error that a handler swallows still undoes its transaction, and is told', async () => {
  const swallowing = workflow('swallowing').step('work', async (ctx) => {
    await ctx.tx.query(INSERT, [ctx.run.id, 'lost'])
    await ctx.tx.query('select 1 / 0').catch(() => {})
  })
  const run = await runOnce(swallowing)
  assert.equal(run.status, 'failed')
  assert.match(String(run.error), /an earlier statement in tx of step work .* failed, .*: division by zero\. To go on/)
  assert.equal(await db.value('select count(*)::integer from effects where run = $1', [run.id]), 0)
})

test('a statement after one that failed is refused with the reason of that one, the last since a savepoint', async () => {
  const insisting = workflow('insisting').step('work', async (ctx) => {
    await ctx.tx.query('savepoint before')
    await ctx.tx.query('select 1 / 0').catch(() => {})
    await ctx.tx.query('rollback to savepoint before')
    await ctx.tx.query("select 'seven'::integer").catch(() => {})
    await ctx.tx.query(INSERT, [ctx.run.id, 'never']).catch(() => {})
    await ctx.tx.query(INSERT, [ctx.run.id, 'never'])
  })
  const run = await runOnce(insisting)
  assert.match(String(run.error), /^an earlier statement .*: invalid input syntax for type integer: "seven"\. To go on/)
  assert.match(String(run.error_stack), /Caused by: error: invalid input syntax/)
})

for (const [end, kept] of [
  ['commit', 1],
  ['rollback', 0],
] as const) {
  test(`a step that says ${end} in its transaction fails, and is told`, async () => {
    const ending = workflow(`says_${end}`).step('work', async (ctx) => {
      await ctx.tx.query(INSERT, [ctx.run.id, end])
      await ctx.tx.query(end)
    })
    const run = await runOnce(ending)
    assert.match(String(run.error), /^tx of step work of run .* was ended by a statement in it, such as COMMIT/)
    assert.equal(await db.value('select count(*)::integer from effects where run = $1', [run.id]), kept)
  })
}

test('what the database refuses at COMMIT fails its step; of an onEnd, it is left out', async () => {
  await db.rows('create table parents (id integer primary key)')
  await db.rows('create table children (parent integer references parents initially deferred)')
  const orphaned = workflow('orphaned')
    .step('work', (ctx) => ctx.tx.query('insert into children values (1)').then(() => {}))
    .onEnd(({ tx }) => tx.query('insert into children values (2)').then(() => {}))
  const run = await runOnce(orphaned)
  assert.match(String(run.error), /violates foreign key constraint/)
})

test('an onEnd that swallows an error ends the run without its effects, once', async () => {
  let calls = 0
  const swallowing = workflow('swallowing_end')
    .step('work', () => {
      calls++
    })
    .onEnd(({ tx }) =>
      tx.query('select 1 / 0').then(
        () => {},
        () => {},
      ),
    )
  const run = await runOnce(swallowing)
  assert.deepEqual([run.status, calls], ['failed', 1])
})

for (const [what, thrown] of [
  ['an object without a prototype', Object.create(null)],
  ['an error whose cause throws', Object.defineProperty(new Error('x'), 'cause', { get: () => assert.fail('no') })],
  ['an error with an odd message', Object.assign(new Error('x'), { message: { toString: null } })],
  ['an error whose errors throw', Object.defineProperty(new Error('x'), 'errors', { get: () => assert.fail('no') })],
  ['what throws whatever is asked of it', new Proxy({}, { get: () => assert.fail('no') })],
  ['nothing', undefined],
] as const) {
  test(`${what} can be thrown and fails the step`, async () => {
    const odd = workflow('odd').step('throw', () => {
      throw thrown
    })
    assert.equal((await runOnce(odd)).status, 'failed')
  })
}

for (const [what, thrown, error] of [
  ['its message', { message: 'duplicate key value', code: '23505' }, 'duplicate key value'],
  ['what is in it', { status: 503, body: { retry: [1, 2] } }, '{ status: 503, body: { retry: [ 1, 2 ] } }'],
  ['what it is as a text', new URL('https://example.org/'), 'https://example.org/'],
] as const) {
  test(`an object that is thrown and no error fails the step with ${what}`, async () => {
    const plain = workflow('plain').step('throw', () => {
      throw thrown
    })
    assert.equal((await runOnce(plain)).error, error)
  })
}

test('of several errors that were thrown as one each is kept, ten in all, and they speak for one without a message', async () => {
  const refused = (n: number) => new Error(`refused ${n}`, { cause: new Error(`by ${n}`) })
  const several = Object.assign(new AggregateError([1, 2, 3, 4, 5, 6].map(refused)), { name: 'Several' })
  several.errors.unshift(several)
  const run = await runOnce(workflow('several').step('throw', () => Promise.reject(several)))
  assert.match(String(run.error), /^refused 1; by 1; refused 2; by 2;/)
  const said = [...String(run.error_stack).matchAll(/^Caused by: Error: (.*)$/gm)].map(([, message]) => message)
  assert.deepEqual(said, [1, 2, 3, 4, 5].flatMap((n) => [`refused ${n}`, `by ${n}`]).slice(0, 9))
})

test('of a fetch that failed the error of its step says why, and not only the stack', async () => {
  const run = await runOnce(
    workflow('fetching').step('fetch', async () => {
      await fetch(`http://127.0.0.1:${await freePort()}`)
    }),
  )
  assert.match(String(run.error), /^fetch failed: connect ECONNREFUSED 127\.0\.0\.1:\d+$/)
})

test('a sub-step that was left running cannot complete a second time', async () => {
  const twice = workflow('twice').step('work', async (ctx) => {
    const inside = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    const once = () =>
      ctx.substep('charge', async (sub) => {
        await sub.tx.query(INSERT, [sub.run.id, 'charged'])
        inside.resolve()
        await go.promise
      })
    const first = once()
    await inside.promise
    await assert.rejects(once(), { code: 'SC004' })
    go.resolve()
    await first
  })
  const run = await runOnce(twice)
  assert.equal(run.status, 'completed', String(run.error))
  assert.equal(await db.value('select count(*)::integer from effects where run = $1', [run.id]), 1)
})

test('plain updates beside a run lead to deadlocks, and none of them fails it', async () => {
  const contended = workflow('contended').step('work', async (ctx) => {
    for (let n = 0; n < 20; n++) {
      await ctx.substep(`part ${n}`, async (sub) => {
        await sub.tx.query(INSERT, [sub.run.id, `part ${n}`])
      })
    }
    await ctx.tx.query(INSERT, [ctx.run.id, 'end'])
  })
  await using _ = await work(contended)
  const { id } = await start(contended)
  let going = true
  const meddle = async () => {
    while (going) {
      const message = String(process.hrtime.bigint())
      // A deadlock may choose either side.
      await db
        .rows("update stepcast.steps set message = $2 where run_id = $1 and status = 'running'", [id, message])
        .catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const meddler = meddle()
  const run = await finished(db.url, id)
  going = false
  await meddler
  assert.equal(run.status, 'completed', String(run.error))
  assert.equal(await db.value('select count(*)::integer from effects where run = $1', [id]), 21)
})

test('one held row of a dead worker does not keep its other runs from being taken over', async () => {
  const ids: string[] = []
  const waiting = workflow('waiting').step('work', () => {})
  await (await work(waiting)).stop()
  for (let i = 0; i < 3; i++) ids.push((await start(waiting)).id)
  await db.rows(
    "insert into stepcast.workers (id, name, application_name) overriding system value values (-1, 'ghost', 'stepcast ghost')",
  )
  await db.rows(
    "update stepcast.runs set revision = revision + 1, status = 'running', worker = -1 where id = any ($1)",
    [ids],
  )
  const psql = await db.pool.connect()
  await psql.query('begin')
  await psql.query('select from stepcast.runs where id = $1 for update', [ids[0]])
  const worker = await work(waiting)
  for (const id of ids.slice(1)) assert.equal((await finished(db.url, id)).status, 'completed')
  await psql.query('rollback')
  psql.release()
  assert.equal((await finished(db.url, String(ids[0]))).status, 'completed')
  await worker.stop()
})

test('a job that a dead worker had fetched and not yet claimed is done by another', async () => {
  const fetched = workflow('fetched').step('work', () => {})
  await (await work(fetched)).stop()
  const { id } = await start(fetched)
  await db.rows(
    "insert into stepcast.workers (name, application_name, graphile_pool) values ('ghost', 'stepcast ghost', 'ghost pool')",
  )
  await db.rows(
    "update graphile_worker._private_jobs set locked_by = 'ghost pool', locked_at = now(), attempts = 1 where key = $1",
    [id],
  )
  await using _ = await work(fetched)
  assert.equal((await finished(db.url, id)).status, 'completed')
  assert.equal(
    await db.value("select count(*)::integer from graphile_worker._private_jobs where locked_by = 'ghost pool'"),
    0,
  )
})

test('a worker whose pool could not be registered registers it with its next job', async () => {
  let said = 0
  const isFirst = (sent: Buffer) => sent.includes('register_pool') && ++said === 1
  await using proxy = await startProxy(db.url, (sent) => (isFirst(sent) ? 'lose' : 'pass'))
  const named = workflow('named').step('work', () => {})
  await using worker = await startWorker({ workflows: [named], databaseUrl: proxy.url })
  for (let n = 0; n < 2; n++) await finished(db.url, (await start(named)).id)
  assert.equal(said, 2)
  assert.notEqual(await db.value('select graphile_pool from stepcast.workers where id = $1', [worker.id]), null)
})

test('a step that ends its own run in its own transaction fails, with the reason', async () => {
  const suicidal = workflow('suicidal').step('work', async (ctx) => {
    await ctx.tx.query('select stepcast.cancel_run($1)', [ctx.run.id])
  })
  assert.match(String((await runOnce(suicidal)).error), /lease .* is stale/)
})

test('a sub-step that ends its own run in its own transaction fails, with the reason', {
  timeout: 60_000,
}, async () => {
  let calls = 0
  const ending = workflow('ending_in_part').step('end', async (ctx) => {
    calls++
    await ctx.substep('part', async (sub) => {
      await sub.tx.query('select stepcast.cancel_run($1)', [ctx.run.id])
    })
  })
  const { status, error } = await runOnce(ending)
  assert.equal(status, 'failed')
  assert.match(error ?? '', /^lease 1 of run .* is stale: a sub-step of step end ended its own attempt in its own tx$/)
  assert.equal(calls, 1)
  assert.deepEqual(await db.rows("select error is not null as told from stepcast.steps where step = 'part'"), [
    { told: true },
  ])
})

test('a step skipped in advance does not disturb the one that runs', async () => {
  const inside = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const skipping = workflow('skipping')
    .step('first', async (ctx) => {
      inside.resolve()
      await go.promise
      return ctx.attempt
    })
    .step('second', () => {})
  await using _ = await work(skipping)
  const { id } = await start(skipping)
  await inside.promise
  await db.rows("update stepcast.steps set status = 'skipped' where run_id = $1 and step = 'second'", [id])
  go.resolve()
  assert.equal((await finished(db.url, id)).status, 'completed')
  assert.equal(await db.value("select attempt from stepcast.steps where run_id = $1 and step = 'first'", [id]), 1)
})

test('what needs a step that was skipped in advance still waits for what comes before that one', async () => {
  const inside = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const ahead = workflow('skipped_ahead')
    .step('first', async () => {
      inside.resolve()
      await go.promise
      return 'made'
    })
    .step('second', () => {})
    .step('third', () => {})
    .step('fourth', ({ results }) => results.first)
    .step('fifth', { needs: ['second'] }, () => {})
  await using _ = await work(ahead)
  const { id } = await start(ahead)
  await inside.promise
  await db.rows("update stepcast.steps set status = 'skipped' where run_id = $1 and step in ('second', 'third')", [id])
  await waitForRow(db.url, 'select from stepcast.runs where id = $1 and not attention', [id])
  const pending =
    "select array_agg(step order by sequence) from stepcast.steps where run_id = $1 and status = 'pending'"
  assert.deepEqual(await db.value(pending, [id]), ['fourth', 'fifth'])
  go.resolve()
  assert.equal((await finished(db.url, id)).status, 'completed')
  assert.equal(await db.value("select output from stepcast.steps where run_id = $1 and step = 'fourth'", [id]), 'made')
})

test('a run whose results are more than one JSON value can hold goes on in another process', async () => {
  const names = Array.from({ length: 258 }, (_, index) => `large_${index}`)
  let large = workflow('large')
  for (const name of names) large = large.step(name, () => assert.fail('it was completed before'))
  const needs = ['large_0', 'large_257'] as never[]
  const last = large.step('last', { needs }, ({ results }) => Object.values<string>(results).map((text) => text.length))
  await registerWorkflows(db.pool, [last])
  const { id } = await start(last)
  await db.rows(`
    set session_replication_role = replica;
    update stepcast.steps
    set status = 'completed', progress = 100, attempt = 1, output = to_jsonb(repeat('x', 1048000)),
        started_at = created_at, completed_at = created_at, duration = 0
    where run_id = '${id}' and step <> 'last';
    set session_replication_role = origin`)
  await using _ = await work(last)
  assert.deepEqual((await finished(db.url, id)).output, [1_048_000, 1_048_000])
})
