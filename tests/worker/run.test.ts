import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { retryRun, startRun } from '../../db/runs.ts'
import type { BaseContext, Tx } from '../../worker/context.ts'
import { startWorker } from '../../worker/start.ts'
import { type Workflow, workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { finished, waitForRow } from '../support/wait.ts'

const db = await useDatabase()
await db.rows('create table effects (run uuid, effect text, at timestamptz default clock_timestamp())')
const INSERT = 'insert into effects values ($1, $2)'

async function effects(run: string): Promise<string[]> {
  return (await db.rows<{ effect: string }>('select effect from effects where run = $1 order by at', [run])).map(
    ({ effect }) => effect,
  )
}

/** Runs a workflow once, with a worker of its own, to its end. */
async function runOnce(definition: Workflow, input: unknown = {}) {
  await using _ = await startWorker({ workflows: [definition], databaseUrl: db.url })
  const { id } = await start(definition, input)
  // Awaited here: the worker stops when this block is left.
  return await finished(db.url, id)
}

const start = ({ definition: { name } }: Workflow, input: unknown = {}) =>
  startRun(db.pool, { tenant: 'default', actor: 'test', workflow: name, input })

test('steps run in order, later ones see what earlier ones returned, and the last output is the run’s', async () => {
  const sum = workflow('sum', { input: z.object({ from: z.number().default(2) }) })
    .step('double', (ctx) => ({ n: ctx.input.from * 2 }))
    .step('nothing', () => {})
    .step('add', (ctx) => ctx.results.double.n + 1)
  const run = await runOnce(sum)
  assert.deepEqual([run.status, run.progress, run.output], ['completed', 100, 5])
})

test('what a step writes through tx is there exactly if the step completed', async () => {
  const run = await runOnce(
    workflow('effects')
      .step('kept', (ctx) => ctx.tx.query(INSERT, [ctx.run.id, 'kept']).then(() => {}))
      .step('undone', async (ctx) => {
        await ctx.tx.query(INSERT, [ctx.run.id, 'undone'])
        throw new Error('no')
      }),
  )
  assert.deepEqual([run.status, run.error], ['failed', 'no'])
  assert.deepEqual(await effects(run.id), ['kept'])
})

test('nobody sees a step as completed before its effects are there', async () => {
  const definition = workflow('together').step('write', (ctx) => ctx.tx.query(INSERT, [ctx.run.id, 'x']).then(() => {}))
  await using _ = await startWorker({ workflows: [definition], databaseUrl: db.url })
  const { id } = await start(definition)
  const seen = await waitForRow<{ effects: number }>(
    db.url,
    `select (select count(*)::integer from effects where run = $1) as effects
     from stepcast.steps
     where run_id = $1 and status = 'completed'`,
    [id],
  )
  assert.equal(seen.effects, 1)
})

test('an error is kept with its chain of causes', async () => {
  const run = await runOnce(
    workflow('causes').step('fail', () => {
      throw new Error('could not push', { cause: new TypeError('remote said no') })
    }),
  )
  assert.equal(run.error, 'could not push')
  assert.match(String(run.error_stack), /Error: could not push[\s\S]*Caused by: TypeError: remote said no/)
})

test('an input that the workflow does not accept fails the run before its first step', async () => {
  const strict = workflow('strict', { input: z.object({ name: z.string() }) }).step('never', async (ctx) => {
    await ctx.tx.query(INSERT, [ctx.run.id, 'never'])
  })
  const run = await runOnce(strict, { name: 7 })
  assert.equal(run.status, 'failed')
  assert.match(String(run.error), /The input is not valid[\s\S]*name/)
  assert.equal(await db.value('select count(*)::integer from stepcast.attempts where run_id = $1', [run.id]), 0)
})

const circle: { self?: unknown } = {}
circle.self = circle
for (const [what, output, message] of [
  ['over 1 MiB', 'x'.repeat(1024 * 1024), /1048578 bytes of JSON; at most 1048576/],
  ['a circle', circle, /cannot be written as JSON/],
  ['a bigint', 1n, /cannot be written as JSON/],
  ['a function', () => {}, /a function, which JSON cannot hold/],
  ['a text with NUL', 'a\0b', /NUL character/],
] as const) {
  test(`an output that is ${what} fails its step with a clear error`, async () => {
    const run = await runOnce(workflow('outputs').step('give', () => output))
    assert.equal(run.status, 'failed')
    assert.match(String(run.error), message)
  })
}

test('a retry goes on from the failed step and keeps what was completed', async () => {
  let mended = false
  const definition = workflow('mend')
    .step('once', (ctx) => ctx.tx.query(INSERT, [ctx.run.id, 'once']).then(() => {}))
    .step('flaky', (ctx) => {
      if (!mended) throw new Error('broken')
      return ctx.attempt
    })
  await using _ = await startWorker({ workflows: [definition], databaseUrl: db.url })
  const { id } = await start(definition)
  assert.equal((await finished(db.url, id)).status, 'failed')
  mended = true
  await retryRun(db.pool, { tenant: 'default', actor: 'test', run: id })
  const run = await finished(db.url, id)
  assert.deepEqual([run.status, run.output], ['completed', 2])
  assert.deepEqual(await effects(id), ['once'])
})

test('a completed sub-step answers from its row in the next attempt', async () => {
  let calls = 0
  const definition = workflow('remembering').step('work', async (ctx) => {
    const token = await ctx.substep('make', () => ({ token: ++calls, at: new Date(0) }))
    if (ctx.attempt === 1) throw new Error('later')
    return token
  })
  await using _ = await startWorker({ workflows: [definition], databaseUrl: db.url })
  const { id } = await start(definition)
  await finished(db.url, id)
  await retryRun(db.pool, { tenant: 'default', actor: 'test', run: id })
  assert.deepEqual((await finished(db.url, id)).output, { token: 1, at: '1970-01-01T00:00:00.000Z' })
})

test('statements sent at once run one after the other, in that order, and all are committed, also one that nobody awaited', async () => {
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  process.on('warning', note)
  const run = await runOnce(
    workflow('at_once').step('work', async ({ tx, run }) => {
      const names = ['first', 'second', 'third']
      await Promise.all(names.map((name) => tx.query(INSERT, [run.id, name])))
      tx.query(INSERT, [run.id, 'not awaited'])
    }),
  )
  process.off('warning', note)
  assert.equal(run.status, 'completed', String(run.error))
  assert.deepEqual(await effects(run.id), ['first', 'second', 'third', 'not awaited'])
  assert.deepEqual(warnings, [])
})

test('the step’s tx refuses to work inside its sub-step, and after the step', async () => {
  let leaked: (() => Promise<unknown>) | undefined
  const run = await runOnce(
    workflow('tx_rules').step('work', async (ctx) => {
      leaked = () => ctx.tx.query('select 1')
      await ctx.substep('inner', () => ctx.tx.query('select 1').then(() => {}))
    }),
  )
  assert.match(String(run.error), /cannot be used inside its sub-step inner: use sub.tx/)
  await assert.rejects(leaked?.() ?? Promise.resolve(), /is closed/)
})

for (const [what, leave] of [
  ['its own, which it never used', ({ tx }) => tx],
  [
    'one of a sub-step that nobody waited for',
    (ctx) => {
      const inside = Promise.withResolvers<Tx>()
      void ctx.substep('left', ({ tx }) => {
        inside.resolve(tx)
        return new Promise(() => {})
      })
      return inside.promise
    },
  ],
] as [string, (ctx: BaseContext) => Tx | Promise<Tx>][]) {
  test(`a tx is not opened any more when its step is over: ${what}`, async () => {
    let left: Tx | undefined
    const forgetful = workflow('forgetful')
      .step('work', async (ctx) => {
        left = await leave(ctx)
      })
      .step('later', () => assert.rejects(left?.query('select 1') ?? Promise.resolve(), /tx of step .* is closed/))
    const run = await runOnce(forgetful)
    assert.equal(run.status, 'completed', String(run.error))
  })
}

test('what a handler sets for its session, or locks in it, is met by no later transaction on its connection', async () => {
  const look = async ({ tx }: BaseContext) => {
    const { rows } = await tx.query<{ pid: number }>(
      `select pg_backend_pid() as pid, current_user as role, to_regclass('pg_temp.scratch') as scratch,
         current_setting('lock_timeout') as patience, current_setting('stepcast.actor') as actor,
         current_setting('idle_session_timeout') as idle, current_setting('application_name') as name,
         (select count(*)::integer from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks`,
    )
    return rows[0]
  }
  const settings = workflow('settings').step('work', async (ctx) => {
    const before = await ctx.substep('before', async (sub) => {
      const before = await look(sub)
      await sub.tx.query("set lock_timeout = '7s'; set idle_session_timeout = '7s'; set stepcast.actor = 'somebody'")
      await sub.tx.query("create temp table scratch (); set application_name = 'scratch'")
      await sub.tx.query('select pg_advisory_lock(42)')
      await sub.tx.query('set role stepcast_worker')
      return before
    })
    for (let n = 0; ; n++) {
      const after = await ctx.substep(`after ${n}`, look)
      if (after?.pid === before?.pid) return { before, after }
    }
  })
  const { output, error } = await runOnce(settings)
  const { before, after } = Object(output) as { before?: object; after?: object }
  assert.ok(after, String(error))
  assert.deepEqual(after, before)
})

test('onEnd commits with the end, and when it throws the last step has failed', async () => {
  const ending = (fails: boolean) =>
    workflow('ending', { input: z.unknown() })
      .step('work', (ctx) => ctx.tx.query(INSERT, [ctx.run.id, 'work']).then(() => {}))
      .onEnd(async ({ tx, run, status, error }) => {
        await tx.query(INSERT, [run.id, `end ${status} ${error}`])
        if (fails && status === 'completed') throw new Error('no end')
      })
  const good = await runOnce(ending(false))
  assert.deepEqual(await effects(good.id), ['work', 'end completed null'])
  const bad = await runOnce(ending(true))
  assert.deepEqual([bad.status, bad.error], ['failed', 'no end'])
  assert.deepEqual(await effects(bad.id), ['end failed no end'])
})

test('a cancelled run stops its handler, refuses its transaction, and still gets its onEnd', async () => {
  const inside = Promise.withResolvers<void>()
  const stopped = Promise.withResolvers<unknown>()
  const definition = workflow('cancelled')
    .step('wait', async (ctx) => {
      await ctx.tx.query(INSERT, [ctx.run.id, 'refused'])
      inside.resolve()
      await new Promise<void>((resolve) => ctx.signal.addEventListener('abort', () => resolve()))
      stopped.resolve(ctx.signal.reason)
    })
    .onEnd(({ tx, run, status, error }) => tx.query(INSERT, [run.id, `end ${status} ${error}`]).then(() => {}))
  await using _ = await startWorker({ workflows: [definition], databaseUrl: db.url })
  const { id } = await start(definition)
  await inside.promise
  await db.rows('select stepcast.cancel_run($1, $2)', [id, 'not wanted'])
  assert.match(String(await stopped.promise), /cancelled or taken over/)
  await waitForRow(db.url, 'select from stepcast.runs where id = $1 and not on_end_pending', [id])
  assert.deepEqual(await effects(id), ['end cancelled not wanted'])
})

test('a plain update that completes a running step stops its handler, and the run goes on', async () => {
  const inside = Promise.withResolvers<void>()
  const definition = workflow('operated')
    .step('stuck', async (ctx) => {
      inside.resolve()
      await new Promise<void>((resolve) => ctx.signal.addEventListener('abort', () => resolve()))
      return 'from the handler'
    })
    .step('next', (ctx) => String(ctx.results.stuck))
  await using _ = await startWorker({ workflows: [definition], databaseUrl: db.url })
  const { id } = await start(definition)
  await inside.promise
  await db.rows(
    `update stepcast.steps set status = 'completed', output = '"by hand"' where run_id = $1 and step = 'stuck'`,
    [id],
  )
  const run = await finished(db.url, id)
  assert.deepEqual([run.status, run.output], ['completed', 'by hand'])
})

test('reports never block, the newest wins, and all of it is written before the step completes', async () => {
  const run = await runOnce(
    workflow('chatty').step('talk', ({ report, log }) => {
      for (let i = 1; i <= 10_000; i++)
        report({ current: i, total: 20_000 }, { en: `part ${i}`, 'zh-CN': `第 ${i} 部分` })
      log('a line')
      log('with \0 NUL', 'warn')
    }),
  )
  const [step] = await db.rows('select message, messages, metadata from stepcast.steps where run_id = $1', [run.id])
  assert.deepEqual(step, {
    message: 'part 10000',
    messages: { en: 'part 10000', 'zh-CN': '第 10000 部分' },
    metadata: { current: 10_000, total: 20_000 },
  })
  const lines = await db.rows('select level, message from stepcast.logs where run_id = $1 order by line', [run.id])
  assert.deepEqual(lines, [
    { level: 'info', message: 'a line' },
    { level: 'warn', message: 'with \uFFFD NUL' },
  ])
})

test('a message is kept without what Postgres cannot hold, and cut, in each of its languages', async () => {
  const run = await runOnce(
    workflow('careless').step('talk', ({ report }) => report(1, { en: 'a\0b', ja: 'a\ud83d', de: 'x'.repeat(20_000) })),
  )
  const said = `${'x'.repeat(16 * 1024)}… (3616 more characters)`
  assert.deepEqual(await db.value('select messages from stepcast.steps where run_id = $1', [run.id]), {
    en: 'a\uFFFDb',
    ja: 'a\uFFFD',
    de: said,
  })
})

test('weights and time left are learned from the fifth completed run on', async () => {
  const definition = workflow('learning')
    .step('quick', () => {})
    .step('slow', () => {})
  await using _ = await startWorker({ workflows: [definition], databaseUrl: db.url })
  for (let i = 0; i < 5; i++) await finished(db.url, (await start(definition)).id)
  const { id } = await start(definition)
  const steps = await db.rows<{ usual: string | null }>('select usual from stepcast.steps where run_id = $1', [id])
  assert.ok(steps.length === 2 && steps.every(({ usual }) => usual !== null))
  await finished(db.url, id)
})

test('an outside-driven run past its deadline without a word fails', async () => {
  const run = await db.value<string>(`select stepcast.open_run('backup', '["dump"]', deadline => '10 milliseconds')`)
  await db.rows("select stepcast.begin_step($1, 'dump')", [run])
  await using _ = await startWorker({ workflows: [], databaseUrl: db.url })
  const { status, error } = await finished(db.url, run)
  assert.deepEqual([status, error], ['failed', 'nothing was heard of it for 00:00:00.01'])
})

test('a handler that does not heed its signal keeps no worker from stopping, nor its locks from its successor', async () => {
  await db.rows('create table singles (run uuid primary key)')
  const inside = Promise.withResolvers<void>()
  const definition = workflow('deaf').step('work', async (ctx) => {
    await ctx.tx.query('insert into singles values ($1)', [ctx.run.id])
    if (ctx.attempt > 1) return
    inside.resolve()
    await ctx.tx.query('select pg_sleep(3600)')
  })
  const worker = await startWorker({ workflows: [definition], databaseUrl: db.url })
  const { id } = await start(definition)
  await inside.promise
  await worker.stop()
  await using _ = await startWorker({ workflows: [definition], databaseUrl: db.url })
  assert.equal((await finished(db.url, id)).status, 'completed')
})

test('a run that is cancelled and retried at once goes on, though its old handler is still there', async () => {
  let calls = 0
  const inside = Promise.withResolvers<void>()
  const again = Promise.withResolvers<void>()
  const definition = workflow('hasty').step('work', async () => {
    if (++calls > 1) {
      again.resolve()
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      return
    }
    inside.resolve()
    // Deaf to its signal until the next one has begun: both leases are beaten for.
    await again.promise
  })
  await using _ = await startWorker({ workflows: [definition], databaseUrl: db.url })
  const { id } = await start(definition)
  await inside.promise
  await db.rows('select stepcast.cancel_run($1), stepcast.retry_run($1)', [id])
  const run = await finished(db.url, id)
  assert.deepEqual([run.status, calls], ['completed', 2])
})

test('a transaction that holds one run’s row delays no other run, and that one goes on when it is let go', async () => {
  const definition = workflow('held_back').step('work', async (ctx) => {
    for (let i = 1; i <= 50; i++) {
      ctx.report(i, `part ${i}`)
      ctx.log(`line ${i}`)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  })
  await using _ = await startWorker({ workflows: [definition], databaseUrl: db.url })
  const psql = await db.pool.connect()
  const { id: locked } = await start(definition)
  await waitForRow(db.url, 'select from stepcast.steps where run_id = $1 and message is not null', [locked])
  await psql.query('begin')
  await psql.query('select from stepcast.runs where id = $1 for update', [locked])
  const { id: free } = await start(definition)
  assert.equal((await finished(db.url, free)).status, 'completed')
  await psql.query('rollback')
  psql.release()
  assert.equal((await finished(db.url, locked)).status, 'completed')
  const lines = await db.rows<{ message: string }>(
    'select message from stepcast.logs where run_id = $1 order by line',
    [locked],
  )
  assert.deepEqual(
    lines.map(({ message }) => message),
    Array.from({ length: 50 }, (_, i) => `line ${i + 1}`),
  )
})
