import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { examine } from '../../cli/doctor/examine.ts'
import type { Finding } from '../../cli/doctor/finding.ts'
import { openPool } from '../../cli/pool.ts'
import { readSettings, type Settings } from '../../cli/settings.ts'
import { migrate } from '../../db/migrate.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { createDatabase, execute } from '../support/database.ts'
import { startPgBouncer } from '../support/pgbouncer.ts'
import { startProcess } from '../support/process.ts'

const main = join(import.meta.dirname, '../../cli/main.ts')

/** What the command would print, and in the order of it. */
async function examineAs(url: string, settings: Partial<Settings> = {}) {
  await using db = openPool(url)
  const directUrl = settings.STEPCAST_LISTEN_URL ?? url
  const patient = { settings: { ...readSettings({}), ...settings }, pool: db.pool, directUrl }
  const findings: Finding[] = []
  for await (const finding of examine(patient)) findings.push(finding)
  const states = Object.fromEntries(findings.map(({ check, state }) => [check, state]))
  return { states, of: (check: string) => findings.find((finding) => finding.check === check) }
}

/** Whether a migration could begin at once. */
async function lockOf(url: string) {
  await using db = openPool(url)
  return db.pool.query("select pg_try_advisory_lock(hashtextextended('stepcast.migrate', 0)) as free")
}

test('all is well where a worker lives; every finding but the good ones says what to do', async () => {
  await using database = await createDatabase()
  await using _worker = await startWorker({
    workflows: [workflow('greet').step('say', () => {})],
    databaseUrl: database.url,
  })
  const { states, of } = await examineAs(database.url)
  assert.equal(of('workers')?.says, '1 alive')
  // Of the 300 that the tests' cluster takes, three are reserved for administrators.
  assert.match(of('connections')?.says ?? '', /^\d+ of 297 in use$/)
  const wrong = Object.entries(states).filter(([check, state]) => state !== 'ok' && check !== 'transactions')
  assert.deepEqual(wrong, [])
  assert.equal(Object.keys(states).length, 15)
})

test('a database that does not answer, or was not migrated, is what is told, and nothing after it', async () => {
  const away = await examineAs('postgres://nobody@127.0.0.1:9/none')
  assert.deepEqual(away.states, { postgres: 'fail' })
  await using empty = await createDatabase('template1')
  const { states, of } = await examineAs(empty.url)
  assert.deepEqual(states, { postgres: 'ok', schema: 'fail' })
  assert.equal(of('schema')?.advice, 'Run: stepcast migrate')
})

test('a database that has no connection left is not told as one that does not answer', async () => {
  await using database = await createDatabase()
  const role = `crowd_${process.pid}`
  await execute(database.url, `create role ${role} login password 'p' connection limit 0`)
  const { states, of } = await examineAs(Object.assign(new URL(database.url), { username: role, password: 'p' }).href)
  await execute(database.url, `drop role ${role}`)
  assert.deepEqual(states, { postgres: 'fail' })
  assert.match(of('postgres')?.says ?? '', /^takes no more connections: too many connections/)
  assert.match(of('postgres')?.advice ?? '', /max_connections/)
})

test('of the limits of connections the nearest is told, be it that of the role', async () => {
  await using database = await createDatabase()
  const role = `few_${process.pid}`
  await execute(database.url, `create role ${role} login password 'p' connection limit 20 in role stepcast_worker`)
  const url = Object.assign(new URL(database.url), { username: role, password: 'p' }).href
  const others = Array.from({ length: 17 }, () => new pg.Client(url))
  for (const client of others) await client.connect()
  const near = await examineAs(url)
  await execute(database.url, `alter role ${role} connection limit 18`)
  const reached = await examineAs(url)
  for (const client of others) await client.end()
  await execute(database.url, `drop role ${role}`)
  // Some of the command's own may still be open.
  assert.match(near.of('connections')?.says ?? '', new RegExp(`^(18|19|20) of 20 in use by role ${role}$`))
  assert.notEqual(near.states.connections, 'ok')
  assert.deepEqual(reached.states, { postgres: 'ok', schema: 'fail' })
  for (const finding of [near.of('connections'), reached.of('schema')])
    assert.match(finding?.advice ?? '', /CONNECTION LIMIT of the role/)
})

test('a direct connection that does not answer, or leads to another database, is what is told, not its schema', async () => {
  await using database = await createDatabase()
  const away = await examineAs(database.url, { STEPCAST_LISTEN_URL: 'postgres://nobody@127.0.0.1:9/none' })
  assert.deepEqual(away.states, { postgres: 'ok', listen: 'fail' })
  assert.match(away.of('listen')?.says ?? '', /^STEPCAST_LISTEN_URL does not answer: .*ECONNREFUSED/)
  await using other = await createDatabase('template1')
  const { states, of } = await examineAs(database.url, { STEPCAST_LISTEN_URL: other.url })
  assert.deepEqual(states, { postgres: 'ok', listen: 'fail' })
  assert.match(of('listen')?.says ?? '', /it is another database/)
})

test('a database that takes no writes fails, though it can be read', async () => {
  await using database = await createDatabase()
  const { states, of } = await examineAs(`${database.url}?options=-c%20default_transaction_read_only=on`)
  assert.deepEqual(states, { postgres: 'fail' })
  assert.match(of('postgres')?.says ?? '', /read only, it takes no changes/)
  assert.match(of('postgres')?.advice ?? '', /default_transaction_read_only/)
})

test('a database whose disk is full fails, though it answers; and nothing stays of what was tried', async () => {
  await using database = await createDatabase()
  await execute(
    database.url,
    `create function refuse() returns event_trigger language plpgsql as $$
       begin
         raise 'could not extend file: No space left on device' using errcode = 'disk_full';
       end $$;
     create event trigger full_disk on ddl_command_start when tag in ('CREATE TABLE AS') execute function refuse();
     alter event trigger full_disk disable`,
  )
  assert.equal((await examineAs(database.url)).states.room, 'ok')
  await execute(database.url, 'alter event trigger full_disk enable')
  const { states, of } = await examineAs(database.url)
  assert.equal(states.room, 'fail')
  assert.match(of('room')?.says ?? '', /^none is left: .*No space left on device/)
  await using db = openPool(database.url)
  const { rows } = await db.pool.query("select from pg_class where relname = 'stepcast_room'")
  assert.deepEqual(rows, [])
})

test('what waits for a worker, and what is older than it should be, is told', async () => {
  await using database = await createDatabase()
  await execute(database.url, `select stepcast.open_run('nightly', '["a"]', deadline => interval '1 millisecond')`)
  await execute(
    database.url,
    `select stepcast.import_run(jsonb_build_object('workflow', 'old', 'status', 'completed', 'steps', jsonb_build_array(
       jsonb_build_object('step', 'a', 'status', 'completed', 'started_at', now() - interval '40 days', 'completed_at', now() - interval '40 days'))))`,
  )
  const { states, of } = await examineAs(database.url, { STEPCAST_RETENTION: '30 days' })
  assert.equal(states.workers, 'warn')
  assert.equal(states['stuck runs'], 'fail')
  assert.match(of('stuck runs')?.says ?? '', /^1: nothing was heard of it/)
  assert.match(of('retention')?.says ?? '', /^1 runs are older than 30 days/)
})

test('a role that may neither work nor serve is told so, and what it may not ask is no failure of that', async () => {
  await using database = await createDatabase()
  const role = `nobody_${process.pid}`
  await execute(database.url, `create role ${role} login password 'p'; grant usage on schema stepcast to ${role}`)
  const login = Object.assign(new URL(database.url), { username: role, password: 'p' })
  const { states, of } = await examineAs(login.href)
  await execute(database.url, `drop owned by ${role}; drop role ${role}`)
  assert.equal(states.rights, 'fail')
  assert.equal(states.schema, 'warn')
  assert.match(of('schema')?.says ?? '', /cannot be told: permission denied/)
})

test('a pooler where a session is needed fails, and a direct connection beside it mends that', async () => {
  await using database = await createDatabase()
  await using pooler = await startPgBouncer(database.url)
  const pooled = pooler.through(database.url)
  const { states, of } = await examineAs(pooled)
  assert.equal(states.listen, 'fail')
  assert.match(of('listen')?.advice ?? '', /STEPCAST_LISTEN_URL/)
  await assert.rejects(migrate(pooled), /^PoolerError: a migration needs a session of its own: .*STEPCAST_LISTEN_URL/)
  // What has looked through the pooler has left no lock with its backend, for which a migration would wait.
  const mended = await examineAs(pooled, { STEPCAST_LISTEN_URL: database.url })
  assert.deepEqual([mended.states.listen, mended.states.schema], ['ok', 'ok'])
  const { rows } = await lockOf(database.url)
  assert.deepEqual(rows, [{ free: true }])
})

test('people get a line a check, programs an object a line; what only warns is no failure, what fails is', async () => {
  await using database = await createDatabase()
  const doctor = (...args: string[]) =>
    startProcess(main, ['doctor', ...args], { env: { DATABASE_URL: database.url, NO_COLOR: '1' } })
  await using read = doctor()
  await read.says(/ok {4}postgres {6}PostgreSQL 1\d, database .*\nok {4}schema {8}up to date\n/)
  await read.says(/warn {2}workers {7}none is alive.*\n {20}Start one: stepcast worker/)
  assert.equal(await read.ended, 0)
  await execute(database.url, `select stepcast.open_run('nightly', '["a"]', deadline => interval '1 millisecond')`)
  await using parsed = doctor('--json')
  assert.equal(await parsed.ended, 1)
  const findings = parsed
    .output()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    findings.filter(({ state }) => state === 'fail').map(({ check }) => check),
    ['stuck runs'],
  )
})

test('a step that is named in a finding neither moves the cursor nor looks like another finding', async () => {
  await using database = await createDatabase()
  const doctor = (...args: string[]) =>
    startProcess(main, ['doctor', ...args], { env: { DATABASE_URL: database.url, NO_COLOR: '1' } })
  await execute(
    database.url,
    `select stepcast.begin_step(stepcast.open_run('nightly', jsonb_build_array(jsonb_build_object('step', name, 'stuckAfter', 1))), name)
     from (values (E'sync\\u001b[2J\\u009b1m\\u202e\\nok    stuck runs    none')) as given (name)`,
  )
  for (const options of [[], ['--json']]) {
    await using told = doctor(...options)
    assert.equal(await told.ended, 1)
    assert.match(told.output(), /sync.*ok {4}stuck runs {4}none shows no change/)
    assert.doesNotMatch(told.output(), /(?!\n)\p{Cc}|\u202e/u)
  }
})
