import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import { test } from 'node:test'
import pg from 'pg'
import { startRun } from '../../db/runs.ts'
import { startServer } from '../../server/start.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { createDatabase, execute } from '../support/database.ts'
import { useDatabase } from '../support/fixture.ts'
import { finished, pollForRow, waitForRow } from '../support/wait.ts'

const db = await useDatabase()

/** A database with a setting that every new session of it has, and the address by which the test's own have another. */
async function databaseWith(setting: string, own: string) {
  const database = await createDatabase()
  const [, name] = database.url.match(/\/(\w+)$/) ?? []
  await execute(database.url, `alter database ${name} set ${setting}`)
  const ownUrl = `${database.url}?options=${encodeURIComponent(`-c ${own}`)}`
  const pool = new pg.Pool({ connectionString: ownUrl })
  const dispose = async () => {
    await pool.end()
    await database.drop()
  }
  return { url: database.url, ownUrl, pool, [Symbol.asyncDispose]: dispose }
}

const starter = { tenant: 'default', actor: 'test', input: {} }

test('no session of a worker or a server ends because it was idle, whatever the database says of such', async () => {
  await using database = await databaseWith("idle_session_timeout = '200ms'", 'idle_session_timeout=0')
  const { url, ownUrl, pool } = database
  const gate = Promise.withResolvers<void>()
  const waiting = workflow('waiting').step('wait', () => gate.promise)
  await using _ = await startWorker({ workflows: [waiting], databaseUrl: url })
  await using _server = await startServer({ databaseUrl: url, port: 0 })
  const { id } = await startRun(pool, { ...starter, workflow: 'waiting' })
  await waitForRow(ownUrl, "select from stepcast.steps where run_id = $1 and status = 'running'", [id])
  const sessions = `select pid, application_name from pg_stat_activity
    where datname = current_database() and application_name like 'stepcast %'`
  await pollForRow(ownUrl, `${sessions} and query like 'LISTEN%' and application_name = 'stepcast listener'`)
  const { rows: before } = await pool.query<{ pid: number }>(sessions)
  // Of all that are idle now, the last to be ended.
  const witness = new pg.Client(url)
  await witness.connect()
  const code = await new Promise((resolve) => witness.on('error', (error) => resolve(Object(error).code)))
  assert.equal(code, '57P05')
  const { rows: left } = await pool.query<{ pid: number }>(sessions)
  const ended = before.filter(({ pid }) => !left.some((session) => session.pid === pid))
  assert.deepEqual(ended, [])
  gate.resolve()
  assert.equal((await finished(ownUrl, id)).status, 'completed')
  const { rows: attempts } = await pool.query('select status from stepcast.attempts where run_id = $1', [id])
  assert.deepEqual(attempts, [{ status: 'completed' }])
})

test('no session of a worker is idle for the network, least of all the one that waits for jobs', async (t) => {
  const connect = t.mock.method(Socket.prototype, 'connect')
  const keep = t.mock.method(Socket.prototype, 'setKeepAlive')
  const plain = workflow('plain').step('work', () => {})
  await using _ = await startWorker({ workflows: [plain], databaseUrl: db.url })
  const { id } = await startRun(db.pool, { ...starter, workflow: 'plain' })
  await finished(db.url, id)
  const ports = await db.value<number[]>(
    `select array_agg(client_port) from pg_stat_activity where application_name like 'stepcast worker %'`,
  )
  const opened = connect.mock.calls
    .map((call) => call.this as Socket)
    .filter(({ localPort = 0 }) => ports.includes(localPort))
  const kept = keep.mock.calls.filter(({ arguments: [, delay = 0] }) => delay > 0).map((call) => call.this as Socket)
  assert.ok(opened.length >= 4)
  assert.equal(opened.filter((socket) => !kept.includes(socket)).length, 0)
})

test('a worker lives on where every transaction is serializable by default, and each step has one attempt', async () => {
  const setting = 'default_transaction_isolation ='
  await using database = await databaseWith(
    `${setting} 'serializable'`,
    'default_transaction_isolation=read\\ committed',
  )
  const { url, ownUrl, pool } = database
  const busy = workflow('busy')
    .step('first', ({ report }) => report(50))
    .step('second', () => {})
  await using worker = await startWorker({ workflows: [busy], databaseUrl: url })
  const runs = await Promise.all(Array.from({ length: 100 }, () => startRun(pool, { ...starter, workflow: 'busy' })))
  const done = Promise.all(runs.map(({ id }) => finished(ownUrl, id)))
  await Promise.race([done, worker.done])
  const { rows: attempts } = await pool.query('select status, count(*)::integer from stepcast.attempts group by status')
  assert.deepEqual(attempts, [{ status: 'completed', count: 200 }])
})

test('a worker drives runs where the database takes NULL in a list for a text', async () => {
  await using database = await databaseWith('array_nulls = off', 'array_nulls=on')
  const listed = workflow('listed').step('work', (ctx) => {
    ctx.report(50)
    ctx.log('half')
  })
  await using _ = await startWorker({ workflows: [listed], databaseUrl: database.url })
  const { id } = await startRun(database.pool, { ...starter, workflow: 'listed' })
  assert.equal((await finished(database.ownUrl, id)).status, 'completed')
  const { rows } = await database.pool.query('select message from stepcast.logs where run_id = $1', [id])
  assert.deepEqual(rows, [{ message: 'half' }])
})

test('a beat that loses a deadlock is said again, and is no worker’s death', async () => {
  await db.rows(`
    create sequence beats;
    create function lose() returns trigger language plpgsql as $$ begin
      if nextval('public.beats') = 1 then raise exception 'lost' using errcode = '40P01'; end if;
      return new;
    end $$`)
  const nothing = workflow('nothing').step('rest', () => {})
  await using worker = await startWorker({ workflows: [nothing], databaseUrl: db.url })
  await db.rows('create trigger lose before update of beat_at on stepcast.workers for each row execute function lose()')
  await Promise.race([worker.done, pollForRow(db.url, 'select from beats where last_value > 1')])
})

test('a worker that finds itself in a restored backup ends, and another continues the run as it was restored', async () => {
  const done: string[] = []
  const loading = workflow('loading').step('load', async ({ attempt, substep, signal }) => {
    for (const part of ['first', 'second']) await substep(part, () => void done.push(`${part} ${attempt}`))
    if (attempt === 1) await new Promise((resolve) => signal.addEventListener('abort', resolve))
  })
  const worker = await startWorker({ workflows: [loading], databaseUrl: db.url })
  const { id } = await startRun(db.pool, { ...starter, workflow: 'loading' })
  await waitForRow(
    db.url,
    "select from stepcast.steps where run_id = $1 and step = 'second' and status = 'completed'",
    [id],
  )
  // The backup is of the moment between the two.
  await db.rows(`do $$ begin
    set local session_replication_role = replica;
    delete from stepcast.steps where run_id = '${id}' and step = 'second';
    create temp table dump on commit drop as table stepcast.epoch;
    delete from stepcast.epoch;
    insert into stepcast.epoch table dump;
  end $$`)
  await assert.rejects(worker.done, /the database was restored under worker \d+/)
  await worker.stop()
  await using _ = await startWorker({ workflows: [loading], databaseUrl: db.url })
  assert.equal((await finished(db.url, id)).status, 'completed')
  assert.deepEqual(done, ['first 1', 'second 1', 'second 2'])
})
