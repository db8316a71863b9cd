import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { deleteRun, startRun } from '../../db/runs.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { useLogin } from '../support/login.ts'
import { openRun } from './outside.ts'
import { completedRun, endedRun, exists } from './past.ts'

const db = await useDatabase()

const erase = (run: string, reason: string | null = null) =>
  db.rows('select stepcast.delete_run($1, $2)', [run, reason])

test('a deleted run is gone with its steps, attempts and logs; its journal goes on with who and why', async () => {
  const run = await completedRun(db)
  await db.rows("select stepcast.log_line($1, 'download', 'info', 'x')", [run])
  const before = await db.value<number>('select max(entry) from stepcast.journal where run_id = $1', [run])
  await deleteRun(db.pool, { tenant: 'default', actor: 'ada', run, reason: 'a test' })
  for (const table of ['runs', 'steps', 'attempts', 'logs']) {
    const column = table === 'runs' ? 'id' : 'run_id'
    assert.equal(
      await db.value(`select count(*)::integer from stepcast.${table} where ${column} = $1`, [run]),
      0,
      table,
    )
  }
  const [last] = await db.rows(
    `select entry, actor, action, from_status, reason, workflow, key
     from stepcast.journal where run_id = $1 order by entry desc limit 1`,
    [run],
  )
  assert.deepEqual(last, {
    entry: before + 1,
    actor: 'ada',
    action: 'delete',
    from_status: 'completed',
    reason: 'a test',
    workflow: 'video',
    key: null,
  })
})

test('only a finished run is deleted', async () => {
  const run = await openRun(db)
  await assert.rejects(erase(run), { code: 'SC004', message: /it is pending/, hint: /Cancel it first/ })
  assert.equal(await exists(db, run), true)
  await db.rows('select stepcast.cancel_run($1)', [run])
  await erase(run)
  assert.equal(await exists(db, run), false)
})

test("what does not exist, or is another tenant's, is SC002", async () => {
  const run = await endedRun(db, 1, { tenant: 'blue' })
  await assert.rejects(deleteRun(db.pool, { tenant: 'red', actor: 'bob', run }), { code: 'SC002' })
  await erase(run)
  await assert.rejects(erase(run), { code: 'SC002' })
})

test('a run whose onEnd is owed is kept until a worker has run it', async () => {
  await registerWorkflows(db.pool, [
    workflow('owing')
      .step('a', () => {})
      .onEnd(() => {}),
  ])
  const who = { tenant: 'default', actor: 'ada' }
  const { id: run } = await startRun(db.pool, { ...who, workflow: 'owing', input: {} })
  await db.rows('select stepcast.cancel_run($1)', [run])
  await assert.rejects(erase(run), { code: 'SC004', message: /onEnd/ })
  await db.rows('select stepcast.take_on_end($1)', [run])
  await erase(run)
})

for (const deferred of ['', 'deferrable initially deferred', 'on delete restrict']) {
  test(`a row of another table that refers to the run keeps it whole: ${deferred || 'plainly'}`, async () => {
    const run = await completedRun(db)
    await db.rows('create table projects (run uuid constraint made_by references stepcast.runs)')
    await db.rows(`alter table projects drop constraint made_by,
      add constraint made_by foreign key (run) references stepcast.runs ${deferred}`)
    await db.rows('insert into projects values ($1)', [run])
    await assert.rejects(erase(run), { code: 'SC004', message: /public\.projects.*made_by/ })
    assert.equal(await db.value('select count(*)::integer from stepcast.steps where run_id = $1', [run]), 1)
    await db.rows('delete from projects')
    await erase(run)
    await db.rows('drop table projects')
  })
}

test('a row that cannot go or change with the run keeps it, and the refusal says why', async () => {
  const run = await completedRun(db)
  await db.rows('create table bills (run uuid not null references stepcast.runs on delete set null)')
  await db.rows('insert into bills values ($1)', [run])
  await assert.rejects(erase(run), { code: 'SC004', message: /null value in column "run" of relation "bills"/ })
  await db.rows('drop table bills')
  await db.rows('create table bills (run uuid references stepcast.runs on delete cascade)')
  await db.rows('insert into bills values ($1)', [run])
  await db.rows(`create function keep_bill() returns trigger language plpgsql as
    $$ begin raise 'bills are kept for ten years'; end $$`)
  await db.rows('create trigger keep_bill before delete on bills for each row execute function keep_bill()')
  await assert.rejects(erase(run), { code: 'SC004', message: /bills are kept for ten years/ })
  assert.equal(await db.value('select count(*)::integer from stepcast.steps where run_id = $1', [run]), 1)
  await db.rows('drop table bills')
  await db.rows('drop function keep_bill')
  await erase(run)
})

test('a run that a trigger of the owner keeps is not journalled as deleted, and can be retried', async () => {
  const run = await db.value<string>(`select stepcast.open_run('video', '["download"]', metadata => '{"hold": true}')`)
  await db.rows('select stepcast.cancel_run($1)', [run])
  await db.rows(`create function hold() returns trigger language plpgsql as
    $$ begin return case when old.metadata ? 'hold' then null else old end; end $$`)
  await db.rows('create trigger hold before delete on stepcast.runs for each row execute function hold()')
  await assert.rejects(erase(run), { code: 'SC004', message: /a trigger of stepcast\.runs has kept it/ })
  await db.rows('drop trigger hold on stepcast.runs')
  await db.rows('drop function hold')
  await db.rows('select stepcast.retry_run($1), stepcast.cancel_run($1)', [run])
  await erase(run)
})

test('a row that refers to a step keeps its run', async () => {
  const run = await completedRun(db)
  await db.rows('create table uses (step bigint references stepcast.steps)')
  await db.rows('insert into uses select id from stepcast.steps where run_id = $1', [run])
  await assert.rejects(erase(run), { code: 'SC004', message: /public\.uses/ })
  await db.rows('drop table uses')
})

test('what the transaction of the caller defers stays deferred after a deletion', async () => {
  const run = await completedRun(db)
  await db.rows('create table later (run uuid references stepcast.runs deferrable initially deferred)')
  const client = await db.pool.connect()
  try {
    await client.query('begin')
    await client.query('select stepcast.delete_run($1)', [run])
    await client.query('insert into later values ($1)', [run])
    await assert.rejects(client.query('commit'), { code: '23503' })
  } finally {
    client.release()
  }
  assert.equal(await exists(db, run), true)
  await db.rows('drop table later')
})

test('a deferred foreign key in a schema that Stepcast’s owner may not use stops no deletion but of what it refers to', async () => {
  const [referred, run, old] = [await completedRun(db), await completedRun(db), await completedRun(db)]
  await db.rows('create schema app')
  await db.rows('create table app.projects (run uuid references stepcast.runs deferrable initially deferred)')
  await db.rows('insert into app.projects values ($1)', [referred])
  await db.rows('create table later (run uuid references stepcast.runs deferrable initially deferred)')
  await db.rows('create table meanwhile (run uuid references stepcast.runs deferrable initially immediate)')
  const owner = await useLogin(db, null)
  await db.rows(`alter function stepcast.check_references owner to ${owner.name}`)
  const client = await db.pool.connect()
  try {
    await assert.rejects(erase(referred), { code: 'SC004', message: /app\.projects/ })
    await client.query('begin')
    await client.query('select stepcast.delete_run($1)', [run])
    await client.query('savepoint deleted')
    await assert.rejects(client.query('insert into meanwhile values ($1)', [run]), { code: '23503' })
    await client.query('rollback to deleted')
    await client.query('insert into later values ($1)', [run])
    await client.query('insert into app.projects values ($1)', [run])
    await client.query('delete from later')
    await client.query('delete from app.projects where run = $1', [run])
    await client.query('commit')
    assert.equal(await exists(db, run), false)
    await db.rows("select stepcast.purge_runs('0 days')")
    assert.deepEqual([await exists(db, old), await exists(db, referred)], [false, true])
  } finally {
    client.release()
    await db.rows('alter function stepcast.check_references owner to current_user')
    await db.rows('drop table later, meanwhile, app.projects')
  }
})

test('a trigger that its caller has put off never runs as Stepcast’s owner, nor with its search path', async () => {
  const run = await completedRun(db)
  await db.rows('create table one (run uuid constraint made_by references stepcast.runs deferrable initially deferred)')
  await db.rows('create table two (run uuid constraint made_by references stepcast.runs)')
  const caller = await useLogin(db, 'stepcast_owner')
  await db.rows('create table ran_as (who name)')
  await db.rows(
    'create function note() returns trigger language plpgsql as $$ begin insert into ran_as values (current_user); return null; end $$',
  )
  await db.rows('create table put_off ()')
  await db.rows(`create constraint trigger note after insert on put_off deferrable initially deferred
                 for each row execute function note()`)
  await db.rows(`grant insert on put_off, ran_as to ${caller.name}`)
  const client = new pg.Client(caller.url)
  await client.connect()
  await client.query('begin')
  await client.query('insert into put_off default values')
  await client.query('select stepcast.delete_run($1)', [run])
  await client.query('commit')
  await client.end()
  assert.deepEqual(await db.rows('select who from ran_as'), [{ who: caller.name }])
  assert.equal(await exists(db, run), false)
  await db.rows('drop table one, two, put_off, ran_as')
})

test('a deferred foreign key whose name another, plain one has stops no deletion', async () => {
  const run = await completedRun(db)
  await db.rows('create table one (run uuid constraint made_by references stepcast.runs deferrable initially deferred)')
  await db.rows('create table two (run uuid constraint made_by references stepcast.runs)')
  await erase(run)
  assert.equal(await exists(db, run), false)
  await db.rows('drop table one, two')
})
