import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { silent } from '../../db/logger.ts'
import { startRun } from '../../db/runs.ts'
import { expireRuns } from '../../db/workers.ts'
import type { StepContext } from '../../worker/context.ts'
import { startWorker } from '../../worker/start.ts'
import { type Workflow, workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { finished, pollForRow } from '../support/wait.ts'

const db = await useDatabase()
const start = (workflow: string) => startRun(db.pool, { tenant: 'default', actor: 'test', workflow, input: {} })
const running = (run: string, step: string) =>
  pollForRow(db.url, "select from stepcast.steps where run_id = $1 and step = $2 and status = 'running'", [run, step])
const waits = (what: string) =>
  pollForRow(
    db.url,
    `select from pg_stat_activity
     where datname = current_database() and query like $1 and wait_event_type = 'Lock'`,
    [`%${what}%`],
  )

/** As somebody does who leaves a transaction open. Returns what ends it. */
async function hold(rows: string, values: unknown[] = []): Promise<() => Promise<void>> {
  const psql = await db.pool.connect()
  await psql.query('begin')
  await psql.query(`select from stepcast.${rows} for update`, values)
  return async () => {
    await psql.query('rollback')
    psql.release()
  }
}

test('a run that somebody holds, however many steps of it end meanwhile, delays no other run of its worker', async () => {
  const gate = Promise.withResolvers<void>()
  const wide = Array.from({ length: 8 }).reduce<Workflow>(
    (made, _, n) => made.step(`step ${n}`, { needs: [] }, () => gate.promise),
    workflow('wide'),
  )
  const other = workflow('other').step('work', () => 'done')
  await using _ = await startWorker({ workflows: [wide, other], databaseUrl: db.url, concurrency: 2 })
  const { id } = await start('wide')
  await running(id, 'step 7')
  const letGo = await hold('runs where id = $1', [id])
  gate.resolve()
  for (let n = 0; n < 5; n++) assert.equal((await finished(db.url, (await start('other')).id)).output, 'done')
  await letGo()
  assert.equal((await finished(db.url, id)).status, 'completed')
})

test('what a run says last is written, however long somebody holds it before it ends', async () => {
  const said = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const waiting = Promise.withResolvers<void>()
  const logger = {
    ...silent,
    warn: (_: object, text: string) => text.startsWith('its last reports') && waiting.resolve(),
  }
  const talking = workflow('talking').step('work', async (ctx) => {
    said.resolve()
    await held.promise
    ctx.report(90, 'nearly')
    ctx.log('the last word')
  })
  await using _ = await startWorker({ workflows: [talking], databaseUrl: db.url, logger })
  const { id } = await start('talking')
  await said.promise
  const letGo = await hold('runs where id = $1', [id])
  held.resolve()
  await waiting.promise
  await letGo()
  assert.equal((await finished(db.url, id)).status, 'completed')
  const lines = await db.rows('select message from stepcast.logs where run_id = $1', [id])
  assert.deepEqual(lines, [{ message: 'the last word' }])
  assert.equal(await db.value('select message from stepcast.steps where run_id = $1', [id]), 'nearly')
})

test('held steps that would begin next, or follow their sub-steps, delay no other run of their worker', {
  timeout: 20_000,
}, async () => {
  const gates = ['chain_a', 'chain_b', 'chain_c', 'parts'].map((name) => ({ name, ...Promise.withResolvers<void>() }))
  const workflows = gates.map(({ name, promise }) =>
    name === 'parts'
      ? workflow(name).step('whole', { substeps: ['part'] }, (ctx) =>
          ctx.substep('part', async (part) => {
            await promise
            part.report(50, 'half')
            await part.tx.query('select pg_sleep(0.2)')
          }),
        )
      : workflow(name)
          .step('first', () => promise)
          .step('next', () => 'done'),
  )
  const other = workflow('other').step('work', (ctx) => {
    ctx.report(50, 'half')
    return 'done'
  })
  await using _ = await startWorker({ workflows: [...workflows, other], databaseUrl: db.url, concurrency: 6 })
  const runs: string[] = []
  for (const { name } of gates) {
    const { id } = await start(name)
    await running(id, name === 'parts' ? 'part' : 'first')
    runs.push(id)
  }
  const letGo = await hold("steps where step in ('next', 'whole')")
  // One after the other: what ends at the same time would share a batch.
  for (const { resolve } of gates) {
    resolve()
    await setImmediate()
  }
  for (let n = 0; n < 5; n++) assert.equal((await finished(db.url, (await start('other')).id)).output, 'done')
  await letGo()
  for (const run of runs) assert.equal((await finished(db.url, run)).status, 'completed')
})

test('parallel steps that hold their tx while their sub-steps use theirs do not wait for each other’s connections', async () => {
  const both = Promise.withResolvers<void>()
  let inside = 0
  const hold = async (ctx: StepContext<unknown, object>) => {
    await ctx.tx.query('select 1')
    if (++inside === 2) both.resolve()
    await both.promise
    await ctx.substep('part', async (sub) => {
      await sub.tx.query('select 1')
      await sub.substep('of a part', async (deep) => {
        await deep.tx.query('select 1')
      })
    })
  }
  const holding = workflow('holding').step('left', hold).step('right', { needs: [] }, hold)
  await using _ = await startWorker({ workflows: [holding], databaseUrl: db.url, concurrency: 1 })
  assert.equal((await finished(db.url, (await start('holding')).id)).status, 'completed')
})

test('a step that fails with an onEnd does not wait for the connections of those that begin a sub-step after it', {
  timeout: 60_000,
}, async () => {
  const failing = Promise.withResolvers<void>()
  const bothHold = Promise.withResolvers<void>()
  let inside = 0
  const hold = async (ctx: StepContext<unknown, object>) => {
    await ctx.tx.query('select 1')
    if (++inside === 2) bothHold.resolve()
    await failing.promise
    await ctx.substep('part', () => {})
  }
  const crossed = workflow('crossed', { onFailure: 'finish-siblings' })
    .step('left', hold)
    .step('right', { needs: [] }, hold)
    .step('fails', { needs: [] }, async () => {
      await bothHold.promise
      // The others go on when the failure is being written.
      setTimeout(failing.resolve, 300)
      throw new Error('refused')
    })
    .onEnd(() => {})
  await using _ = await startWorker({ workflows: [crossed], databaseUrl: db.url, concurrency: 1 })
  const { id } = await start('crossed')
  assert.equal((await finished(db.url, id)).error, 'refused')
  assert.equal(
    await db.value("select count(*)::integer from stepcast.steps where run_id = $1 and status = 'completed'", [id]),
    4,
  )
})

test('a run that somebody holds, however many sub-steps of it begin meanwhile, delays no other run of its worker', async () => {
  const gate = Promise.withResolvers<void>()
  const parted = workflow('parted').step('parts', async (ctx) => {
    await gate.promise
    await Promise.all(Array.from({ length: 8 }, (_, n) => ctx.substep(`part ${n}`, () => {})))
  })
  const other = workflow('beside_parts').step('work', () => 'done')
  await using _ = await startWorker({ workflows: [parted, other], databaseUrl: db.url, concurrency: 2 })
  const { id } = await start('parted')
  await running(id, 'parts')
  const letGo = await hold('runs where id = $1', [id])
  gate.resolve()
  await waits('begin_substep')
  assert.equal((await finished(db.url, (await start('beside_parts')).id)).output, 'done')
  await letGo()
  assert.equal((await finished(db.url, id)).status, 'completed')
})

test('what an end writes once it has waited is not older than what it waited for', async () => {
  const gate = Promise.withResolvers<void>()
  const late = workflow('late').step('work', () => gate.promise)
  await using _ = await startWorker({ workflows: [late], databaseUrl: db.url })
  const { id } = await start('late')
  await running(id, 'work')
  const before = await db.value('select max(entry) from stepcast.journal where run_id = $1', [id])
  const letGo = await hold('runs where id = $1', [id])
  gate.resolve()
  await waits('advance_runs')
  const waited = await db.value('select clock_timestamp()')
  await letGo()
  await finished(db.url, id)
  const ended = 'select bool_and(at >= $3) from stepcast.journal where run_id = $1 and entry > $2'
  assert.equal(await db.value(ended, [id, before, waited]), true)
})

test('runs that somebody holds, or whose first step, delay no other run before they begin, and begin when they are let go', async () => {
  const first = workflow('first').step('work', () => 'done')
  const other = workflow('before_others').step('work', () => 'done')
  await (await startWorker({ workflows: [first, other], databaseUrl: db.url })).stop()
  const ids = [(await start('first')).id, (await start('first')).id, (await start('first')).id]
  const letRunsGo = await hold('runs where id = any ($1)', [ids.slice(0, 2)])
  const letStepGo = await hold('steps where run_id = $1', [ids[2]])
  await using _ = await startWorker({ workflows: [first, other], databaseUrl: db.url, concurrency: 2 })
  for (let n = 0; n < 5; n++) assert.equal((await finished(db.url, (await start('before_others')).id)).output, 'done')
  await letRunsGo()
  await letStepGo()
  for (const id of ids) assert.equal((await finished(db.url, id)).output, 'done')
})

test('a run that somebody holds, however many steps of it fail meanwhile, delays no other run of its worker', async () => {
  for (const name of ['failing', 'failing_with_an_end']) {
    const gate = Promise.withResolvers<void>()
    const wide = Array.from({ length: 8 }).reduce<Workflow>(
      (made, _, n) =>
        made.step(`step ${n}`, { needs: [] }, async () => {
          await gate.promise
          throw new Error('refused')
        }),
      workflow(name, { onFailure: 'finish-siblings' }),
    )
    const failing = name === 'failing' ? wide : wide.onEnd(() => {})
    const other = workflow(`beside_${name}`).step('work', () => 'done')
    await using _ = await startWorker({ workflows: [failing, other], databaseUrl: db.url, concurrency: 2 })
    const { id } = await start(name)
    await running(id, 'step 7')
    const letGo = await hold('runs where id = $1', [id])
    gate.resolve()
    await waits('fail_attempt')
    for (let n = 0; n < 5; n++)
      assert.equal((await finished(db.url, (await start(`beside_${name}`)).id)).output, 'done')
    await letGo()
    assert.equal((await finished(db.url, id)).status, 'failed')
  }
})

test('a claim that waited until its worker was stopped calls no handler, and its run is handed over', async () => {
  let calls = 0
  const claimed = workflow('claimed').step('work', () => void calls++)
  await (await startWorker({ workflows: [claimed], databaseUrl: db.url })).stop()
  const { id } = await start('claimed')
  const psql = await db.pool.connect()
  await psql.query('begin; lock table stepcast.attempts')
  const worker = await startWorker({ workflows: [claimed], databaseUrl: db.url })
  await waits('advance_runs')
  const stopped = worker.stop()
  await psql.query('rollback')
  psql.release()
  await stopped
  assert.equal(calls, 0)
  await using _ = await startWorker({ workflows: [claimed], databaseUrl: db.url })
  assert.equal((await finished(db.url, id)).status, 'completed')
})

test('a run past its time whose step somebody holds keeps no other from failing in time', async () => {
  const hanging = workflow('hanging', { timeout: 100 }).step(
    'work',
    ({ signal }) => new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  )
  await using _ = await startWorker({ workflows: [hanging], databaseUrl: db.url })
  const { id } = await start('hanging')
  await running(id, 'work')
  const letGo = await hold('steps where run_id = $1', [id])
  assert.equal((await finished(db.url, (await start('hanging')).id)).status, 'failed')
  assert.deepEqual(await expireRuns(db.pool), [])
  await letGo()
  assert.equal((await finished(db.url, id)).status, 'failed')
})
