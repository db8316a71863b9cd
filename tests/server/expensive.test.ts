import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type StepcastServer, startServer } from '../../server/start.ts'
import { listRoutes } from '../fuzz/routes.ts'
import { useDatabase } from '../support/fixture.ts'
import { startPgBouncer } from '../support/pgbouncer.ts'
import { type Answer, ask, registerWorkflow } from './bench.ts'

/** What waits for no lock takes less, on a busy machine too. */
const TIMEOUT_MS = 500
const NEVER_MS = 3_600_000

const db = await useDatabase()
const run = await db.value<string>(`select stepcast.open_run('import', '["load"]', 'k1')`)
await registerWorkflow({ sql: (text, ...values) => db.value(text, values) })
const pooler = await startPgBouncer(db.url)
after(() => pooler[Symbol.asyncDispose]())

/** What needs no database, or says something else of one that does not answer. */
const WITHOUT = /^\/(livez|metrics|docs|openapi.json|chunks\/:chunk|[\w.]*(js|map|css|svg))?$|\/view$/

/** What a route does not answer without. */
const QUERIES: Record<string, string> = { '/events': `?run=${run}`, '/stats/durations': '?workflow=import' }

/** A body that is right, so that the database is asked. */
const bodyOf = (path: string) =>
  JSON.stringify(
    path === '/runs' ? { workflow: 'greet', input: { name: 'x' } } : path === '/events' ? { runs: [{ run }] } : {},
  )

function askAll(server: StepcastServer): Promise<[string, Answer][]> {
  const routes = listRoutes().filter(({ path, method }) => !WITHOUT.test(path) && method !== 'HEAD')
  assert.ok(routes.length > 15)
  return Promise.all(
    routes.map(async ({ method, path }) => {
      const address = path.replace(':id', run).replace(':workflow', 'import').replace(':key', 'k1')
      const query = method === 'GET' ? (QUERIES[path] ?? '') : ''
      const body = method === 'POST' ? { body: bodyOf(path), headers: { 'content-type': 'application/json' } } : {}
      return [`${method} ${path}`, await ask(server.url + address + query, { method, ...body })] as [string, Answer]
    }),
  )
}

/** Whoever asks for a table waits. */
async function lockTables() {
  const holder = await db.pool.connect()
  await holder.query('begin; lock table stepcast.runs, stepcast.workflows in access exclusive mode')
  return { [Symbol.asyncDispose]: async () => void (await holder.query('rollback').finally(() => holder.release())) }
}

const WAYS = {
  'a connection of its own': () => ({ databaseUrl: db.url }),
  'a pooler in transaction mode': () => ({ databaseUrl: pooler.through(db.url), listenUrl: db.url }),
  'a replica that may be behind a pooler': () => ({ databaseUrl: db.url, readUrl: pooler.through(db.url) }),
}

for (const [way, urls] of Object.entries(WAYS))
  test(`${way}: what takes too long is ended in the database and answered with 503, on every route`, async () => {
    await using server = await startServer({ ...urls(), port: 0, statementTimeoutMs: TIMEOUT_MS, pollMs: NEVER_MS })
    {
      await using _ = await lockTables()
      for (const [route, { status, body, headers }] of await askAll(server)) {
        assert.equal(status, 503, `${route}: ${JSON.stringify(body)}`)
        assert.equal(body.type, 'urn:stepcast:took-too-long', `${route}: ${JSON.stringify(body)}`)
        assert.ok(Number(headers.get('retry-after')) > 0)
      }
      const active = await db.rows(
        "select query from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle' and application_name not in ('', 'stepcast listener') and query like '%stepcast.%' and wait_event_type = 'Lock'",
      )
      assert.deepEqual(active, [])
    }
    assert.equal((await ask(`${server.url}/runs`)).status, 200)
    assert.equal((await ask(`${server.url}/stats`)).status, 200)
  })

test('lists and statistics that take all their connections keep nothing else waiting', async () => {
  await using server = await startServer({ databaseUrl: db.url, port: 0, pollMs: NEVER_MS, statementTimeoutMs: 1_000 })
  await using holder = await lockTable('steps')
  const slow = Array.from({ length: 8 }, () => ask(`${server.url}/stats`))
  await holder.until(4)
  assert.equal((await ask(`${server.url}/workflows`)).status, 200)
  for (const { status } of await Promise.all(slow)) assert.equal(status, 503)
})

test('one who asks for lists and statistics without end takes half of their connections at most', async () => {
  await using server = await startServer({
    databaseUrl: db.url,
    port: 0,
    pollMs: NEVER_MS,
    authenticate: (ctx) => ({ id: ctx.get('Authorization'), tenant: ctx.get('Authorization') }),
  })
  const as = (authorization: string) => ({ headers: { authorization } })
  let answered = 0
  const slow = []
  {
    await using holder = await lockTable('steps')
    for (let n = 0; n < 6; n++) slow.push(ask(`${server.url}/stats`, as('default')).finally(() => answered++))
    await holder.until(2)
    const shown = await Promise.all(Array.from({ length: 6 }, () => ask(`${server.url}/runs`, as('blue'))))
    assert.ok(shown.every(({ status }) => status === 200))
    assert.deepEqual([await holder.waiting(), answered], [2, 0])
  }
  for (const { status } of await Promise.all(slow)) assert.equal(status, 200)
})

test('one who takes the pages of many logs takes half of the connections at most, also after the first page', async () => {
  const authenticate = (ctx: { get(header: string): string }) => ({ id: ctx.get('Authorization'), tenant: 'default' })
  await using server = await startServer({ databaseUrl: db.url, port: 0, pollMs: NEVER_MS, authenticate })
  const as = (authorization: string) => ({ headers: { authorization } })
  await db.rows("select stepcast.log_line($1, null, 'info', 'x') from generate_series(1, 1001)", [run])
  const first = await lockTable('logs')
  const asked = Array.from({ length: 12 }, () => ask(`${server.url}/runs/${run}/logs`, as('ada')))
  await first.until(5)
  // Whoever reads now gets a page, and the next ones wait again.
  const next = lockTable('logs')
  await first.until(6)
  await first[Symbol.asyncDispose]()
  {
    await using holder = await next
    await holder.until(5)
    const shown = await Promise.all(Array.from({ length: 6 }, () => ask(`${server.url}/workflows`, as('bob'))))
    assert.deepEqual([shown.map(({ status }) => status), await holder.waiting()], [Array(6).fill(200), 5])
  }
  for (const { status, body } of await Promise.all(asked)) {
    assert.equal(status, 200)
    assert.equal(body.split('\n').length - 1, 1001)
  }
})

test('everybody who asks whether it is ready asks the database one question together', async () => {
  await using server = await startServer({ databaseUrl: db.url, port: 0, pollMs: NEVER_MS })
  let answered = 0
  const asked = []
  {
    await using holder = await lockTable('runs')
    for (let n = 0; n < 12; n++) asked.push(ask(`${server.url}/readyz`).finally(() => answered++))
    await holder.until(1)
    assert.equal((await ask(`${server.url}/workflows`)).status, 200)
    assert.deepEqual([await holder.waiting(), answered], [1, 0])
  }
  for (const { status } of await Promise.all(asked)) assert.equal(status, 200)
})

/** Whoever asks for the table waits. */
async function lockTable(name: 'logs' | 'runs' | 'steps') {
  const holder = await db.pool.connect()
  await holder.query(`begin; lock table stepcast.${name} in access exclusive mode`)
  const waiting = () =>
    db.value<number>('select count(*)::integer from pg_locks where relation = $1::regclass and not granted', [
      `stepcast.${name}`,
    ])
  return {
    waiting,
    until: async (count: number) => {
      while ((await waiting()) < count);
    },
    [Symbol.asyncDispose]: async () => void (await holder.query('rollback').finally(() => holder.release())),
  }
}
