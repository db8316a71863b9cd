import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Registry } from '@prometheus-io/client'
import pg from 'pg'
import { startRun } from '../../db/runs.ts'
import { problemOf } from '../../server/failures.ts'
import type { BaseContext } from '../../worker/context.ts'
import { isPassing } from '../../worker/fault.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { execute, withDatabase } from '../support/database.ts'
import { parseExposition } from '../support/exposition.ts'
import { useDatabase } from '../support/fixture.ts'
import { useLogin } from '../support/login.ts'
import { startProxy } from '../support/proxy.ts'
import { finished, pollForRow, waitForRow } from '../support/wait.ts'

const db = await useDatabase()
await db.rows('create table effects (run uuid)')
const start = (workflow: string) => startRun(db.pool, { tenant: 'default', actor: 'test', workflow, input: {} })

async function attempts(run: string): Promise<string[]> {
  const rows = await db.rows<{ status: string }>(
    `select a.status
     from stepcast.attempts a
     join stepcast.steps s on s.id = a.step_id
     where a.run_id = $1 and s.parent_id is null
     order by a.attempt`,
    [run],
  )
  return rows.map(({ status }) => status)
}

test('a connection that a handler’s transaction could not have, or that is lost in a sub-step, is not the step’s failure', async () => {
  const refusing = Promise.withResolvers<void>()
  let connections = 0
  await using proxy = await startProxy(db.url, () => {
    if (++connections > 1) return 'pass'
    refusing.resolve()
    return 'lose'
  })
  const refused = workflow('refused').step('work', (ctx) => ctx.tx.query('select 1').then(() => {}))
  const lost = workflow('lost').step('work', (ctx) =>
    ctx.substep('part', async (sub) => {
      const { rows } = await sub.tx.query<{ pid: number }>('select pg_backend_pid() as pid')
      if (ctx.attempt === 1) await db.rows('select pg_terminate_backend($1, 1000)', [rows[0]?.pid])
      await sub.tx.query('select 1')
    }),
  )
  await using _ = await startWorker({ workflows: [refused, lost], databaseUrl: proxy.url, listenUrl: db.url })
  const first = await start('refused')
  await refusing.promise
  for (const { id } of [first, await start('lost')]) {
    await finished(db.url, id)
    assert.deepEqual(await attempts(id), ['cancelled', 'completed'])
  }
})

for (const part of ['step', 'sub-step'])
  test(`a ${part} whose transaction could not begin is not told as completed, though its handler caught that`, async () => {
    let begins = 0
    const isFirst = (sent: Buffer) => sent.includes('begin isolation') && ++begins === 1
    await using proxy = await startProxy(db.url, (sent) => (isFirst(sent) ? 'lose' : 'pass'))
    const name = `careless_${part}`
    const write = ({ tx, run }: BaseContext) =>
      tx.query('insert into effects values ($1)', [run.id]).then(
        () => {},
        () => {},
      )
    const careless = workflow(name).step('work', (ctx) => (part === 'step' ? write(ctx) : ctx.substep('part', write)))
    await using _ = await startWorker({ workflows: [careless], databaseUrl: proxy.url, listenUrl: db.url })
    const { id } = await start(name)
    assert.equal((await finished(db.url, id)).status, 'completed')
    assert.deepEqual(await attempts(id), ['cancelled', 'completed'])
    assert.equal(await db.value('select count(*)::integer from effects where run = $1', [id]), 1)
  })

test('a sub-step that loses every deadlock against who holds its run is not told as completed without its effects', async () => {
  await db.rows('create table accounts as select 0 as balance')
  const ADD = 'update accounts set balance = balance + 1'
  const begun = Promise.withResolvers<void>()
  const blocked = Promise.withResolvers<void>()
  const paying = workflow('paying').step('work', (ctx) =>
    ctx.substep('pay', async (sub) => {
      await sub.tx.query("set local deadlock_timeout = '50ms'")
      await sub.tx.query(ADD)
      begun.resolve()
      await blocked.promise
    }),
  )
  await using _ = await startWorker({ workflows: [paying], databaseUrl: db.url })
  const { id } = await start('paying')
  await begun.promise
  const psql = await db.pool.connect()
  // It looks for a deadlock once, before there is one: so it is never the victim.
  await psql.query("begin; set local deadlock_timeout = '1ms'")
  await psql.query('select from stepcast.runs where id = $1 for update', [id])
  const added = psql.query(ADD)
  await pollForRow(db.url, "select from pg_locks where not granted and clock_timestamp() - waitstart > interval '20ms'")
  blocked.resolve()
  await added
  await psql.query('commit')
  psql.release()
  assert.equal((await finished(db.url, id)).status, 'completed')
  assert.deepEqual(await attempts(id), ['cancelled', 'completed'])
  assert.equal(await db.value('select balance from accounts'), 2)
})

for (const part of ['step', 'sub-step'])
  test(`a ${part}’s end waits for who holds its run, however short its transaction would wait for a lock`, async () => {
    const begun = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    const wait = async ({ tx }: BaseContext) => {
      await tx.query("set local lock_timeout = '50ms'")
      begun.resolve()
      await held.promise
    }
    const locking = workflow(part).step('work', (ctx) => (part === 'step' ? wait(ctx) : ctx.substep('part', wait)))
    await using _ = await startWorker({ workflows: [locking], databaseUrl: db.url })
    const { id } = await start(part)
    await begun.promise
    const psql = await db.pool.connect()
    await psql.query('begin')
    await psql.query('select from stepcast.runs where id = $1 for update', [id])
    held.resolve()
    const end = part === 'step' ? 'advance_runs' : 'complete_substep'
    const waiting = `wait_event_type = 'Lock' and query like '%${end}%' and now() - query_start > interval '100ms'`
    await pollForRow(db.url, `select from pg_stat_activity where datname = current_database() and ${waiting}`)
    await psql.query('rollback')
    psql.release()
    assert.equal((await finished(db.url, id)).status, 'completed')
    assert.deepEqual(await attempts(id), ['completed'])
  })

test('a connection that the database refuses, after a change of password or while it is restored, is no fault of what was to be written', async () => {
  const { url } = await useLogin(db, 'stepcast_worker')
  const [changed, restored] = [new URL(url), new URL(url)]
  changed.password = 'of tomorrow'
  restored.pathname = '/restored'
  for (const { href } of [changed, restored]) await assert.rejects(new pg.Client(href).connect(), isPassing)
})

test('that the cluster has no transaction ids left is no fault of what was to be written, nor of the caller', () => {
  const message = 'database is not accepting commands to avoid wraparound data loss in database "app"'
  const refusal = Object.assign(new Error(message), { code: '54000', file: 'varsup.c' })
  assert.ok(isPassing(refusal))
  assert.equal(problemOf(refusal).status, 503)
  assert.equal(problemOf(Object.assign(refusal, { file: 'indextuple.c' })).status, 422)
})

test('a transaction that the database ends because its handler left it idle is the step’s failure', async () => {
  const idle = workflow('idle').step('work', async (ctx) => {
    await ctx.tx.query("set local idle_in_transaction_session_timeout = '50ms'")
    await pollForRow(
      db.url,
      `select where not exists (select from pg_stat_activity where query like '%idle_in_transaction%' and pid <> pg_backend_pid())`,
    )
  })
  await using _ = await startWorker({ workflows: [idle], databaseUrl: db.url })
  const run = await finished(db.url, (await start('idle')).id)
  assert.match(String(run.error), /idle-in-transaction timeout/)
})

test('a step’s transaction sees what others change meanwhile, whatever the database’s default is', async () => {
  const strict = `${db.url}?options=${encodeURIComponent('-c default_transaction_isolation=repeatable\\ read')}`
  const logging = workflow('logging').step('work', async (ctx) => {
    await ctx.tx.query('select 1')
    ctx.log('changes the run’s row')
    await pollForRow(db.url, 'select from stepcast.logs where run_id = $1', [ctx.run.id])
  })
  await using _ = await startWorker({ workflows: [logging], databaseUrl: strict })
  const { id } = await start('logging')
  await finished(db.url, id)
  assert.deepEqual(await attempts(id), ['completed'])
})

test('a step that finds its database read-only goes on once that takes changes again', async () => {
  const closed = Promise.withResolvers<void>()
  const setReadOnly = (how: string) =>
    execute(withDatabase(db.url, 'postgres'), `alter database ${new URL(db.url).pathname.slice(1)} ${how}`)
  const writing = workflow('writing').step('work', async (ctx) => {
    await closed.promise
    await ctx.tx.query('insert into effects values ($1)', [ctx.run.id])
  })
  await using _ = await startWorker({ workflows: [writing], databaseUrl: db.url })
  const { id } = await start('writing')
  await pollForRow(db.url, "select from stepcast.steps where run_id = $1 and status = 'running'", [id])
  // For sessions that begin from now on, as that of the step's transaction.
  await setReadOnly('set default_transaction_read_only = on')
  closed.resolve()
  await pollForRow(db.url, "select from stepcast.journal where run_id = $1 and reason like '%read-only%'", [id])
  await setReadOnly('reset default_transaction_read_only')
  assert.equal((await finished(db.url, id)).status, 'completed')
  assert.deepEqual(await attempts(id), ['cancelled', 'completed'])
})

for (const part of ['step', 'sub-step'])
  test(`a ${part} that makes its own transaction read-only fails, and says so`, async () => {
    const reading = workflow('reading').step('work', async (ctx) => {
      const read = async ({ tx }: Pick<BaseContext, 'tx'>) => {
        await tx.query('set transaction read only')
      }
      await (part === 'step' ? read(ctx) : ctx.substep('part', read))
    })
    await using _ = await startWorker({ workflows: [reading], databaseUrl: db.url })
    const { id } = await start('reading')
    assert.match(String((await finished(db.url, id)).error), /was made read-only by a statement in it/)
    assert.deepEqual(await attempts(id), ['failed'])
  })

test('a run that meets a fault each time waits longer before each next try, and fails after twenty', async () => {
  const cursed = workflow('cursed').step('work', (ctx) => ctx.tx.query('select pg_terminate_backend(pg_backend_pid())'))
  const metrics = new Registry()
  const worker = await startWorker({ workflows: [cursed], databaseUrl: db.url, metrics })
  const { id } = await start('cursed')
  const given = (faults: number) =>
    waitForRow<{ wait: number }>(
      db.url,
      'select round(extract(epoch from run_at - updated_at))::integer as wait from stepcast.runs where id = $1 and faults = $2',
      [id, faults],
    )
  assert.deepEqual(await given(1), { wait: 1 })
  assert.deepEqual(await given(2), { wait: 2 })
  await db.rows('update stepcast.runs set revision = revision + 1, faults = 19 where id = $1', [id])
  const { status, error } = await finished(db.url, id)
  assert.equal(status, 'failed')
  assert.match(String(error), /^given back 20 times in a row; the last time: .*terminat/)
  await worker.stop()
  const counted = parseExposition(await metrics.metrics())
  assert.equal(counted.get('stepcast_runs_finished_total{workflow="cursed",status="failed"}'), 1)
})

test('a worker whose jobs cannot be completed gives up, however many end at once, and hands over what it still runs', {
  timeout: 60_000,
}, async () => {
  const GATE = 4711
  await db.rows(`create function refuse() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(${GATE});
      raise 'No space left on device' using errcode = 'disk_full';
    end $$`)
  await db.rows(
    'create trigger refuse before delete on graphile_worker._private_jobs for each row execute function refuse()',
  )
  const holder = await db.pool.connect()
  await holder.query('select pg_advisory_lock($1)', [GATE])
  const began = Promise.withResolvers<void>()
  const lasting = workflow('lasting').step('work', async ({ signal }) => {
    began.resolve()
    if (!signal.aborted) await once(signal, 'abort')
    signal.throwIfAborted()
  })
  const ending = workflow('ending').step('work', () => {})
  const worker = await startWorker({ workflows: [lasting, ending], databaseUrl: db.url })
  const { id } = await start('lasting')
  await began.promise
  for (const batches of [1, 2]) {
    await start('ending')
    const waiting = `locktype = 'advisory' and objid = ${GATE} and not granted`
    await pollForRow(db.url, `select from pg_locks where ${waiting} having count(*) = ${batches}`)
  }
  await holder.query('select pg_advisory_unlock($1)', [GATE])
  holder.release()
  await assert.rejects(worker.done, /Graphile Worker/)
  await db.rows('drop trigger refuse on graphile_worker._private_jobs')
  await worker.stop()
  assert.deepEqual(await db.rows('select worker, crashes from stepcast.runs where id = $1', [id]), [
    { worker: null, crashes: 0 },
  ])
})
