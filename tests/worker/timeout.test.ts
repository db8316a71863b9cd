import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRun } from '../../db/runs.ts'
import { endStuckSteps } from '../../db/workers.ts'
import { startWorker } from '../../worker/start.ts'
import { type Workflow, workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { untilGone } from '../support/process.ts'
import { type FinishedRun, finished, waitForRow } from '../support/wait.ts'

const db = await useDatabase()
await db.rows('create table effects (run uuid, effect text)')

const start = (workflow: string) => startRun(db.pool, { tenant: 'default', actor: 'test', workflow, input: {} })

async function runOnce(definition: Workflow): Promise<FinishedRun> {
  await using _ = await startWorker({ workflows: [definition], databaseUrl: db.url })
  return await finished(db.url, (await start(definition.definition.name)).id)
}

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

const SIGTERM_BIT = 1n << 14n

/** Whether a stopped process has a SIGTERM before it, from Linux's /proc. */
async function untilToldToEnd(pid: number): Promise<void> {
  const pending = async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    return [...status.matchAll(/^(?:Sig|Shd)Pnd:\s+(\w+)/gm)].some(([, bits]) => BigInt(`0x${bits}`) & SIGTERM_BIT)
  }
  while (!(await pending())) await sleep(10)
}

test('a try that takes too long is stopped and has failed, and the step’s retries are used', async () => {
  const slow = workflow('slow').step(
    'work',
    { timeout: 200, retry: { attempts: 2, delay: 10 } },
    async (ctx): Promise<unknown> => (ctx.attempt === 1 ? aborted(ctx.signal) : 'in time'),
  )
  const run = await runOnce(slow)
  assert.equal(run.output, 'in time')
  const [first] = await db.rows('select status, error from stepcast.attempts where run_id = $1 and attempt = 1', [
    run.id,
  ])
  assert.deepEqual(first, { status: 'failed', error: 'step work took longer than its timeout allows' })
})

test('a handler that throws while its statement is under way has failed with what it threw, however long that takes', async () => {
  const hasty = workflow('hasty').step('work', { timeout: '2s' }, (ctx) =>
    Promise.all([ctx.tx.query("select 'hasty', pg_sleep(600)"), Promise.reject(new Error('the real reason'))]),
  )
  assert.equal((await runOnce(hasty)).error, 'the real reason')
  const left = "select from pg_stat_activity where query like 'select ''hasty''%' and state = 'active'"
  assert.deepEqual(await db.rows(left), [])
})

test('a handler’s statement may be a config with values beside it, as in pg', async () => {
  const beside = workflow('beside').step('work', async (ctx) => {
    const { rows } = await ctx.tx.query<{ sum: number }>({ name: 'sum', text: 'select $1::integer + 1 as sum' }, [41])
    return rows
  })
  assert.deepEqual((await runOnce(beside)).output, [{ sum: 42 }])
})

test('a handler that skips its step when its time is over has failed all the same', async () => {
  const late = workflow('late_skip').step('work', { timeout: 100 }, async (ctx) => {
    await aborted(ctx.signal).catch(() => {})
    ctx.skip('out of time')
  })
  assert.match(String((await runOnce(late)).error), /took longer than its timeout/)
})

test('a handler that does not heed its timeout is left behind, and nothing that it wrote lands', async () => {
  const released = Promise.withResolvers<void>()
  const deaf = workflow('deaf').step('work', { timeout: 100 }, async (ctx) => {
    await ctx.tx.query('insert into effects values ($1, $2)', [ctx.run.id, 'late'])
    await released.promise
    await ctx.tx.query('insert into effects values ($1, $2)', [ctx.run.id, 'later'])
  })
  const run = await runOnce(deaf)
  assert.match(String(run.error), /took longer than its timeout/)
  released.resolve()
  assert.equal(await db.value('select count(*)::integer from effects where run = $1', [run.id]), 0)
})

test('what the session of a handler that was left behind says at its end is not the end of the worker', async () => {
  const inside = Promise.withResolvers<number>()
  const left = workflow('left').step('work', { timeout: '1h' }, async (ctx) => {
    const { rows } = await ctx.tx.query<{ pid: number }>('select pg_backend_pid() as pid')
    inside.resolve(rows[0]?.pid ?? assert.fail('no backend'))
    await aborted(ctx.signal)
  })
  const next = workflow('next').step('work', () => 'done')
  await using worker = await startWorker({ workflows: [left, next], databaseUrl: db.url })
  const { id } = await start('left')
  const pid = await inside.promise
  // It is told to end before it reads that its client has gone: so it answers.
  process.kill(pid, 'SIGSTOP')
  try {
    const expire = 'update stepcast.steps set timeout_at = clock_timestamp(), revision = revision + 1 where run_id = $1'
    await db.rows(expire, [id])
    await untilToldToEnd(pid)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await untilGone(pid)
  const after = async () => {
    assert.equal((await finished(db.url, id)).status, 'failed')
    return finished(db.url, (await start('next')).id)
  }
  assert.equal((await Promise.race([after(), worker.done]))?.output, 'done')
})

for (const withEnd of [false, true]) {
  test(`what a handler returns after its time is not taken${withEnd ? ', nor tried for ever where there is an onEnd' : ''}`, async () => {
    const late = workflow(`late_${withEnd}`).step('work', { timeout: 100 }, async ({ signal }) => {
      await aborted(signal).catch(() => {})
      return 'partial'
    })
    const run = await runOnce(withEnd ? late.onEnd(() => {}) : late)
    assert.deepEqual([run.status, run.output], ['failed', null])
    assert.equal(await db.value('select count(*)::integer from stepcast.attempts where run_id = $1', [run.id]), 1)
  })
}

test('a condition that hangs is left behind when its time is over', async () => {
  const hanging = workflow('hanging_condition').step(
    'work',
    { timeout: 100, when: () => new Promise<boolean>(() => {}) },
    () => assert.fail('its handler was called'),
  )
  assert.match(String((await runOnce(hanging)).error), /took longer than its timeout/)
})

test('a run has a time in all, from its start; then it fails, its handler is stopped and onEnd is called', async () => {
  let end: unknown
  const bounded = workflow('bounded', { timeout: 700 })
    .step('first', () => {})
    .step('work', ({ signal }) => aborted(signal))
    .onEnd(({ status, error }) => {
      end = { status, error }
    })
  await using _ = await startWorker({ workflows: [bounded], databaseUrl: db.url })
  const { id } = await start('bounded')
  const run = await finished(db.url, id)
  assert.equal(run.error, 'the run took longer than 00:00:00.7')
  await waitForRow(db.url, 'select from stepcast.runs where id = $1 and not on_end_pending', [id])
  assert.deepEqual(end, { status: 'failed', error: 'the run took longer than 00:00:00.7' })
})

/** As if so much time had passed without a sign: its step and its log are set back. */
async function silence(run: string, seconds: number): Promise<void> {
  await db.rows(
    `update stepcast.steps
     set updated_at = updated_at - $2 * interval '1 second', revision = revision + 1
     where run_id = $1 and status = 'running'`,
    [run, seconds],
  )
}

test('a step without a sign for its stuckAfter is ended by the watchdog, tried again, then fails as stuck', async () => {
  const calls: number[] = []
  const hanging = workflow('hanging').step('work', { retry: { attempts: 2, delay: 10 } }, (ctx) => {
    calls.push(ctx.attempt)
    return aborted(ctx.signal)
  })
  await using _ = await startWorker({ workflows: [hanging], databaseUrl: db.url })
  const { id } = await start('hanging')
  const running = (attempt: number) =>
    waitForRow(db.url, "select from stepcast.steps where run_id = $1 and status = 'running' and attempt = $2", [
      id,
      attempt,
    ])
  await running(1)
  assert.deepEqual(await endStuckSteps(db.pool), [], 'it has just begun')
  await silence(id, 601)
  assert.equal(await db.value('select reason from stepcast.stuck_runs where id = $1', [id]), 'no-change')
  assert.deepEqual(await endStuckSteps(db.pool), [id])
  await running(2)
  await silence(id, 601)
  await endStuckSteps(db.pool)
  const run = await finished(db.url, id)
  assert.equal(run.error, 'stuck: no change and no log line for 00:10:00')
  assert.deepEqual(calls, [1, 2])
  const told = await db.rows("select reason from stepcast.journal where run_id = $1 and action = 'stuck'", [id])
  assert.equal(told.length, 2)
})

test('a log line, a sub-step or stuckAfter: false keeps the watchdog away', async () => {
  const go = Promise.withResolvers<void>()
  const signs = workflow('signs')
    .step('silent', { stuckAfter: false }, () => go.promise)
    .step('logs', { needs: [] }, async (ctx) => {
      ctx.log('still here')
      await go.promise
    })
    .step('parts', { needs: [] }, async (ctx) => {
      await ctx.substep('part', () => {})
      await go.promise
    })
  await using _ = await startWorker({ workflows: [signs], databaseUrl: db.url })
  const { id } = await start('signs')
  await waitForRow(db.url, 'select from stepcast.logs where run_id = $1', [id])
  await waitForRow(db.url, "select from stepcast.steps where run_id = $1 and step = 'part' and status = 'completed'", [
    id,
  ])
  await silence(id, 601)
  assert.deepEqual(await endStuckSteps(db.pool), [])
  go.resolve()
  assert.equal((await finished(db.url, id)).status, 'completed')
})

test('a stuck try beside a running sibling: the sibling goes on, the process begins the next try itself', async () => {
  const go = Promise.withResolvers<void>()
  const siblings = workflow('siblings')
    .step(
      'hangs',
      { retry: { attempts: 2, delay: 10 } },
      async (ctx): Promise<unknown> => (ctx.attempt === 1 ? aborted(ctx.signal) : 'second try'),
    )
    .step('long', { needs: [], stuckAfter: false }, () => go.promise)
  await using _ = await startWorker({ workflows: [siblings], databaseUrl: db.url })
  const { id } = await start('siblings')
  await waitForRow(db.url, "select from stepcast.steps where run_id = $1 and step = 'long' and status = 'running'", [
    id,
  ])
  await silence(id, 601)
  assert.deepEqual(await endStuckSteps(db.pool), [id])
  await waitForRow(db.url, "select from stepcast.steps where run_id = $1 and step = 'hangs' and status = 'completed'", [
    id,
  ])
  go.resolve()
  assert.equal((await finished(db.url, id)).status, 'completed')
  assert.equal(await db.value("select attempt from stepcast.steps where run_id = $1 and step = 'long'", [id]), 1)
})

test('an outside-driven run is stuck only by what its step says', async () => {
  const open = async (step: object | string) => {
    const id = await db.value<string>("select stepcast.open_run('outside', jsonb_build_array($1::jsonb))", [
      JSON.stringify(step),
    ])
    await db.rows("select stepcast.begin_step($1, 'work')", [id])
    await silence(id, 601)
    return id
  }
  await open('work')
  const id = await open({ step: 'work', stuckAfter: 600_000 })
  assert.deepEqual(await endStuckSteps(db.pool), [id])
  assert.match(String((await finished(db.url, id)).error), /^stuck/)
})
