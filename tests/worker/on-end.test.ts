import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import type { JsonObject } from '../../db/contract.ts'
import { silent } from '../../db/logger.ts'
import { startRun } from '../../db/runs.ts'
import type { BaseContext } from '../../worker/context.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { finished, pollForRow } from '../support/wait.ts'

const db = await useDatabase()
const start = (workflow: string, runAt?: string, input: JsonObject = {}) =>
  startRun(db.pool, { tenant: 'default', actor: 'test', workflow, input, runAt })
const settled = (run: string) =>
  pollForRow(db.url, 'select from stepcast.runs where id = $1 and not on_end_pending and completed_at is not null', [
    run,
  ])

/** Two steps that end at the same moment. */
function inPairs() {
  const both = Promise.withResolvers<void>()
  let inside = 0
  return async () => {
    if (++inside === 2) both.resolve()
    await both.promise
  }
}

const pair = inPairs()
const untilBroken = () => pollForRow(db.url, "select from stepcast.steps where step = 'broken' and status = 'failed'")
/** Ends of runs that no step can foresee, while it ends, to be theirs. */
const ENDS = [
  workflow('parallel').step('left', pair).step('right', { needs: [] }, pair),
  workflow('cascade')
    .step('check', (ctx) => ctx.skip('nothing new'))
    .step('load', { whenSkipped: 'skip' }, () => {}),
  workflow('siblings', { onFailure: 'finish-siblings' })
    .step('broken', () => Promise.reject(new Error('broken')))
    .step('sibling', { needs: [] }, untilBroken)
    .step('next', { needs: ['broken'] }, () => {}),
] as const

for (const ending of ENDS) {
  const { name } = ending.definition
  test(`nobody sees the end of a run before its onEnd is done: ${name}`, async () => {
    let seen: unknown
    const whole = ending.onEnd(async ({ run }) => {
      seen = await db.value('select status from stepcast.runs where id = $1', [run.id])
    })
    await using _ = await startWorker({ workflows: [whole as typeof ending], databaseUrl: db.url })
    await settled((await start(name)).id)
    assert.equal(seen, 'running')
  })
}

test('an onEnd that throws after parallel last steps fails the last of them', async () => {
  const last = inPairs()
  const statuses: string[] = []
  const both = workflow('both')
    .step('left', last)
    .step('right', { needs: [] }, last)
    .onEnd(({ status }) => {
      statuses.push(status)
      if (status === 'completed') throw new Error('not like this')
    })
  await using _ = await startWorker({ workflows: [both], databaseUrl: db.url })
  const { status, error } = await finished(db.url, (await start('both')).id)
  assert.deepEqual([status, error, statuses], ['failed', 'not like this', ['completed', 'failed']])
})

test('an onEnd may return what its one statement answers', async () => {
  await db.rows('create table ends (run uuid)')
  const brief = workflow('brief')
    .step('work', () => {})
    .onEnd(({ run, tx }) => tx.query('insert into ends values ($1)', [run.id]))
  await using _ = await startWorker({ workflows: [brief], databaseUrl: db.url })
  const { id } = await start('brief')
  await settled(id)
  assert.deepEqual(await db.rows('select run from ends'), [{ run: id }])
})

test('an onEnd that throws once for a cancelled run is called again soon', async () => {
  let calls = 0
  const later = workflow('later')
    .step('work', () => {})
    .onEnd(() => {
      if (++calls === 1) throw new Error('once')
    })
  await using _ = await startWorker({ workflows: [later], databaseUrl: db.url })
  const { id } = await start('later', '2100-01-01')
  await db.rows("select stepcast.cancel_run($1, 'no longer wanted')", [id])
  await settled(id)
  assert.equal(calls, 2)
})

test('an onEnd that has failed for an hour is called again within minutes', async () => {
  const stubborn = workflow('stubborn')
    .step('work', () => {})
    .onEnd(() => {
      throw new Error('not yet')
    })
  await using _ = await startWorker({ workflows: [stubborn], databaseUrl: db.url })
  const { id } = await start('stubborn', '2100-01-01')
  await db.rows('select stepcast.cancel_run($1)', [id])
  // As Graphile leaves it after nine times in a row.
  await pollForRow(
    db.url,
    `update graphile_worker._private_jobs
     set attempts = 9, run_at = now() + interval '2 hours'
     where key = $1 and attempts > 0 and locked_at is null
     returning id`,
    [id],
  )
  await db.rows(
    "update stepcast.runs set run_at = now() - interval '1 minute', updated_at = now() - interval '1 minute', revision = revision + 1 where id = $1",
    [id],
  )
  await db.rows("update stepcast.chores set done_at = 'epoch'")
  await pollForRow(
    db.url,
    "select from graphile_worker._private_jobs where key = $1 and attempts = 9 and run_at <= now() + interval '5 minutes'",
    [id],
  )
})

test('why an onEnd failed is told, with the run’s secrets masked, whether the end is written without it or waits for it', async () => {
  const reasons: unknown[] = []
  const tell = (context: { reason?: string }, message: string) => {
    if (message.startsWith('onEnd failed')) reasons.push(context.reason)
  }
  const begun = Promise.withResolvers<void>()
  const untilStopped = async ({ secret, signal }: BaseContext) => {
    secret('hush-hush')
    begun.resolve()
    await once(signal, 'abort')
  }
  const failing = () => {
    let calls = 0
    return () => {
      if (++calls === 1) throw new Error('no hush-hush')
    }
  }
  const stopped = workflow('stopped').step('work', untilStopped).onEnd(failing())
  const broken = workflow('broken')
    .step('work', (ctx) => Promise.reject(ctx.secret('hush-hush')))
    .onEnd(failing())
  const logger = { ...silent, warn: tell, error: tell }
  // One job at a time: the first call of the onEnd that is owed is made right after the steps.
  await using _ = await startWorker({ workflows: [stopped, broken], databaseUrl: db.url, logger, concurrency: 1 })
  const { id } = await start('stopped')
  await begun.promise
  await db.rows('select stepcast.cancel_run($1)', [id])
  await settled(id)
  await settled((await start('broken')).id)
  assert.deepEqual(reasons, ['no •••', 'no •••'])
})

test('a connection that is lost in onEnd is not the last step’s failure', async () => {
  let calls = 0
  const lost = workflow('lost')
    .step('work', async (ctx) => {
      await ctx.tx.query('select 1')
    })
    .onEnd(async ({ tx }) => {
      const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
      if (++calls > 1) return
      await db.rows('select pg_terminate_backend($1, 1000)', [rows[0]?.pid])
      await tx.query('select 1')
    })
  await using _ = await startWorker({ workflows: [lost], databaseUrl: db.url })
  const run = await finished(db.url, (await start('lost')).id)
  assert.deepEqual([run.status, run.error, calls], ['completed', null, 2])
})

test('what an onEnd says after it has ended is written nowhere, though it was left while a statement was under way', async () => {
  await db.rows('create table late (what text)')
  const ended = Promise.withResolvers<void>()
  let told: Promise<PromiseSettledResult<unknown>[]> | undefined
  const hasty = workflow('hasty_end')
    .step('work', () => {})
    .onEnd(({ tx, status }) => {
      if (status === 'failed') return
      const underWay = tx.query('select pg_sleep(60)')
      const late = ended.promise.then(() => tx.query("insert into late values ('late')"))
      told = Promise.allSettled([underWay, late])
      throw new Error('hasty')
    })
  await using _ = await startWorker({ workflows: [hasty], databaseUrl: db.url })
  const run = await finished(db.url, (await start('hasty_end')).id)
  assert.deepEqual([run.status, run.error], ['failed', 'hasty'])
  ended.resolve()
  const reasons = (await told)?.map((one) => one.status === 'rejected' && String(one.reason))
  assert.match(String(reasons?.[0]), /terminated/)
  assert.match(String(reasons?.[1]), /tx of onEnd of workflow hasty_end is closed/)
  assert.equal(await db.value('select count(*)::integer from late'), 0)
})

test('a statement of an onEnd that nobody waits for does not end the process', async () => {
  const ended = Promise.withResolvers<void>()
  const careless = workflow('careless_end')
    .step('work', () => {})
    .onEnd(({ tx, status }) => {
      if (status === 'completed') void tx.query('select 1 / 0')
      else ended.promise.then(() => void tx.query('select 1'))
    })
  await using _ = await startWorker({ workflows: [careless], databaseUrl: db.url })
  assert.equal((await finished(db.url, (await start('careless_end')).id)).status, 'failed')
  ended.resolve()
  await setImmediate()
})

test('an onEnd that lost its connection is called again, of a run that failed too', async () => {
  const calls: string[] = []
  const failing = workflow('failing_end')
    .step('work', () => {
      throw new Error('broken')
    })
    .onEnd(async ({ tx, error }) => {
      const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
      if (calls.push(String(error)) === 1) await db.rows('select pg_terminate_backend($1, 1000)', [rows[0]?.pid])
      await tx.query('select 1')
    })
  await using _ = await startWorker({ workflows: [failing], databaseUrl: db.url })
  await settled((await start('failing_end')).id)
  assert.deepEqual(calls, ['broken', 'broken'])
})

test('a run whose input is refused fails though its onEnd throws', async () => {
  const picky = workflow('picky', { input: z.object({ a: z.number() }) })
    .step('work', () => {})
    .onEnd(() => {
      throw new Error('no')
    })
  await using _ = await startWorker({ workflows: [picky], databaseUrl: db.url })
  assert.match(String((await finished(db.url, (await start('picky')).id)).error), /The input is not valid/)
})

test('an onEnd gets the input as the schema makes it, whoever ended the run; what that does not accept, as it was given', async () => {
  const got: unknown[] = []
  const due = workflow('due', { input: z.object({ due: z.iso.datetime().transform((text) => new Date(text)) }) })
    .step('work', () => {})
    .onEnd(({ input, status }) => {
      got.push([status, input])
    })
  await using _ = await startWorker({ workflows: [due], databaseUrl: db.url })
  const at = new Date(Date.now() + 24 * 3_600_000)
  const input = { due: at.toISOString() }
  await settled((await start('due', undefined, input)).id)
  const { id } = await start('due', input.due, input)
  await db.rows('select stepcast.cancel_run($1)', [id])
  await settled(id)
  await settled((await start('due', undefined, { due: 'soon' })).id)
  assert.deepEqual(got, [
    ['completed', { due: at }],
    ['cancelled', { due: at }],
    ['failed', { due: 'soon' }],
  ])
})

test('the onEnd of a run that was to begin tomorrow is called when somebody ends it today', async () => {
  let calls = 0
  const tomorrow = new Date(Date.now() + 24 * 3_600_000).toISOString()
  const later = workflow('later')
    .step('work', () => {})
    .onEnd(() => {
      calls++
    })
  await using _ = await startWorker({ workflows: [later], databaseUrl: db.url })
  const [first, second] = [await start('later', tomorrow), await start('later', tomorrow)]
  await db.rows('select stepcast.cancel_run($1)', [first.id])
  await db.rows("update stepcast.steps set status = 'cancelled' where run_id = $1", [second.id])
  for (const { id } of [first, second]) await settled(id)
  assert.equal(calls, 2)
})

test('a run that its claim finds completed owes no onEnd where its workflow has none, nor goes on to', async () => {
  const none = workflow('no_end').step('work', () => {})
  await (await startWorker({ workflows: [none], databaseUrl: db.url })).stop()
  const { id } = await start('no_end')
  await db.rows("update stepcast.steps set status = 'skipped' where run_id = $1", [id])
  await using _ = await startWorker({ workflows: [none], databaseUrl: db.url })
  assert.equal((await finished(db.url, id)).status, 'completed')
  assert.equal(await db.value('select on_end_pending from stepcast.runs where id = $1', [id]), false)
  // As an older worker left it.
  await db.rows('update stepcast.runs set revision = revision + 1, on_end_pending = true where id = $1', [id])
  await db.rows('select stepcast.queue_run(r) from stepcast.runs r where id = $1', [id])
  await settled(id)
})
