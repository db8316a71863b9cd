import assert from 'node:assert/strict'
import { test } from 'node:test'
import type pg from 'pg'
import { useDatabase } from '../support/fixture.ts'
import {
  attempt,
  makeRuns,
  NOWHERE,
  OTHER,
  type Outcome,
  OWN,
  type Runs,
  registerJob,
  useLogins,
  type Who,
} from './tenants.ts'

const db = await useDatabase()
await registerJob(db)
const own = await makeRuns(db, OWN)
const other = await makeRuns(db, OTHER)
const logins = await useLogins(db)
const client = (who: Who) => logins.get(who) as pg.Client

/** Of a run, and what one's own answers. */
const CALLS: [sql: string, run: keyof Runs, code: string | null][] = [
  ["select stepcast.begin_step($1, 'next')", 'running', null],
  ["select stepcast.begin_step($1, 'now/another')", 'running', null],
  ["select stepcast.report_step($1, 'now', 50, 'half')", 'running', null],
  ["select stepcast.complete_step($1, 'now')", 'running', null],
  ["select stepcast.complete_step($1, 'nosuch')", 'running', 'SC003'],
  ["select stepcast.fail_step($1, 'now', 'broken')", 'running', null],
  ["select stepcast.skip_step($1, 'next')", 'running', null],
  ["select stepcast.log_line($1, 'now', 'info', 'seen')", 'running', null],
  ["select stepcast.log_line($1, null, 'loud', 'seen')", 'running', 'SC006'],
  ['select stepcast.finish_run($1)', 'running', 'SC004'],
  ["select stepcast.cancel_run($1, 'enough')", 'running', null],
  ['select stepcast.cancel_run($1)', 'pending', null],
  ['select stepcast.cancel_run($1)', 'finished', 'SC004'],
  ['select stepcast.retry_run($1)', 'finished', null],
  ["select stepcast.retry_run($1, 'done')", 'finished', null],
  ['select stepcast.retry_run($1)', 'running', 'SC004'],
  ["select stepcast.delete_run($1, 'wrong')", 'finished', null],
  ['select stepcast.delete_run($1)', 'pending', 'SC004'],
]
const DISGUISE = `set local stepcast.tenant = '${OTHER}'`
const answer = ({ code, message, hint }: Outcome) => ({ code, message, hint })

test('every function that a writer may call on a run, or name a tenant in, is tried here', async () => {
  const functions = await db.rows<{ name: string }>(
    `select distinct p.proname as name from pg_proc p
     where p.pronamespace = 'stepcast'::regnamespace and has_function_privilege($1, p.oid, 'execute')
       and p.proargnames && '{run,tenant,history}' and p.prosecdef`,
    [client('writer').user],
  )
  assert.ok(functions.length > 10)
  const tried = [...CALLS.map(([sql]) => sql), ...NAMING].join(' ')
  assert.deepEqual(
    functions.map(({ name }) => name).filter((name) => !tried.includes(`stepcast.${name}(`)),
    [],
  )
})

test('a run of another tenant answers exactly as one that does not exist, in every function', async () => {
  for (const [sql, run, code] of CALLS)
    for (const who of ['writer', 'worker'] as const)
      for (const disguise of ['', DISGUISE]) {
        const missing = await attempt(client(who), sql, [NOWHERE], disguise)
        const foreign = await attempt(client(who), sql, [other[run]], disguise)
        assert.equal(missing.code, 'SC002')
        assert.deepEqual(
          answer(foreign),
          { ...answer(missing), message: missing.message.replace(NOWHERE, other[run]) },
          sql,
        )
        assert.equal((await attempt(client(who), sql, [own[run]], disguise)).code, code, `${who}: ${sql}`)
      }
})

test('the server and administrators act for every tenant, readers for none', async () => {
  for (const [sql, run, code] of CALLS)
    for (const id of [own[run], other[run]]) {
      for (const who of ['server', 'owner'] as const)
        assert.equal((await attempt(client(who), sql, [id])).code, code, `${who}: ${sql}`)
      for (const who of ['reader', 'stranger', 'nobody'] as const)
        for (const disguise of ['', DISGUISE])
          assert.equal((await attempt(client(who), sql, [id], disguise)).code, '42501', `${who}: ${sql}`)
    }
})

test('the server that says for whom it acts acts for no other', async () => {
  for (const [sql, run, code] of CALLS) {
    assert.equal((await attempt(client('server'), sql, [other[run]], DISGUISE)).code, code)
    assert.equal((await attempt(client('server'), sql, [own[run]], DISGUISE)).code, 'SC002')
  }
})

/** Somebody who has locked a run. */
async function holding(run: string) {
  const holder = await db.pool.connect()
  await holder.query('begin')
  await holder.query('select from stepcast.runs where id = $1 for update', [run])
  const release = async () => void (await holder.query('rollback').finally(() => holder.release()))
  return { run, [Symbol.asyncDispose]: release }
}

test('a run of another tenant that somebody has locked is answered for without waiting', async () => {
  await using holder = await holding(other.running)
  for (const [sql] of CALLS)
    assert.equal(
      (await attempt(client('writer'), sql, [holder.run], "set local lock_timeout = '1ms'")).code,
      'SC002',
      sql,
    )
})

test('nobody waits for a start of another tenant, whatever the names in it', async () => {
  const open = 'select stepcast.open_run($1, \'["a"]\', $2, tenant => $3)'
  const server = client('server')
  await using holder = await db.pool.connect().then((held) =>
    Object.assign(held, {
      [Symbol.asyncDispose]: async () => void (await held.query('rollback').finally(() => held.release())),
    }),
  )
  await holder.query('begin')
  await holder.query(open, ['eu:job', '42', OWN])
  for (const names of [
    ['job', '42', `${OWN}:eu`],
    ['eu', 'job:42', OWN],
  ]) {
    const { code, message } = await attempt(server, open, names, "set local lock_timeout = '1ms'")
    assert.equal(code, null, message)
  }
})

const NAMING = [
  "select stepcast.start_run('job', tenant => $1)",
  "select stepcast.start_run('job', '{}', 'a key', tenant => $1)",
  "select stepcast.open_run('any', '[\"a\"]', tenant => $1)",
  `select stepcast.import_run(jsonb_build_object('workflow', 'any', 'status', 'cancelled', 'completed_at', '2026-01-01T00:00:00Z',
     'steps', '[]'::jsonb, 'tenant', $1::text))`,
]

test('only the server and administrators may name any tenant; the refusal does not say whether there is such a tenant', async () => {
  for (const sql of NAMING) {
    for (const tenant of [OWN, OTHER, 'never seen'])
      for (const disguise of ['', `set local stepcast.tenant = '${tenant}'`]) {
        for (const who of ['server', 'owner'] as const)
          assert.equal((await attempt(client(who), sql, [tenant], disguise)).code, null, `${who}: ${sql}`)
        for (const who of ['reader', 'stranger', 'nobody'] as const)
          assert.equal((await attempt(client(who), sql, [tenant], disguise)).code, '42501', `${who}: ${sql}`)
        for (const who of ['writer', 'worker'] as const) {
          const { code, message } = await attempt(client(who), sql, [tenant], disguise)
          assert.equal(code, tenant === OWN ? null : 'SC006', `${who}: ${sql}`)
          if (code) assert.match(message, new RegExp(`^role test_stepcast_${who}_\\w+ may not name tenant ${tenant}$`))
        }
      }
  }
  for (const who of ['server', 'owner'] as const) {
    const { code, hint } = await attempt(client(who), NAMING[0] ?? '', [OWN], DISGUISE)
    assert.equal(code, 'SC006')
    assert.equal(hint, `The setting stepcast.tenant is “${OTHER}”: name that tenant, or reset the setting.`)
  }
})

/** Whom the journal names when a login has said that it is somebody. */
async function actorOf(who: Who, said: string): Promise<unknown> {
  const run = await client(who).query("select stepcast.open_run('any', '[]', tenant => $1) as id", [OWN])
  await client(who).query("select set_config('stepcast.actor', $1, false)", [said])
  await client(who).query('select stepcast.cancel_run($1)', [run.rows[0]?.id])
  await client(who).query('reset stepcast.actor')
  return db.value("select actor from stepcast.journal where run_id = $1 and action = 'cancel'", [run.rows[0]?.id])
}

test('who acts is believed from the server and administrators, and from a worker only its own name', async () => {
  await db.rows("insert into stepcast.workers (name, application_name) values ('w1', 'w1')")
  for (const who of ['server', 'owner'] as const) assert.equal(await actorOf(who, 'alice'), 'alice')
  for (const who of ['writer', 'worker'] as const)
    for (const said of ['alice', 'postgres', 'worker w2', ...(who === 'writer' ? ['worker w1'] : [])])
      assert.match(String(await actorOf(who, said)), new RegExp(`^test_stepcast_${who}`))
  assert.equal(await actorOf('worker', 'worker w1'), 'worker w1')
})

test('an administrator that has set a tenant ends what is below a step of another one with it', async () => {
  const admin = await db.pool.connect()
  await admin.query('begin')
  await admin.query(`set local stepcast.tenant = '${OWN}'`)
  await admin.query("update stepcast.steps set status = 'completed' where run_id = $1 and step = 'now'", [
    other.running,
  ])
  const { rows } = await admin.query("select status from stepcast.steps where run_id = $1 and step = 'part'", [
    other.running,
  ])
  await admin.query('rollback')
  admin.release()
  assert.deepEqual(rows, [{ status: 'cancelled' }])
})

test('a setting of the engine that names steps of another tenant touches none', async () => {
  const step = await db.value('select id from stepcast.steps where run_id = $1 and parent_id is not null', [
    other.running,
  ])
  const before = await db.value('select revision from stepcast.runs where id = $1', [other.running])
  await client('writer').query("select set_config('stepcast.steps_to_follow', $1, false)", [`{${step}}`])
  await client('writer').query("update stepcast.steps set message = 'mine' where run_id = $1 and step = 'now'", [
    own.running,
  ])
  assert.equal(await db.value('select revision from stepcast.runs where id = $1', [other.running]), before)
})
