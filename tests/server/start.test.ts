import assert from 'node:assert/strict'
import { once } from 'node:events'
import * as http2 from 'node:http2'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import Koa from 'koa'
import pg from 'pg'
import { type Principal, startServer, stepcastRouter } from '../../server/start.ts'
import { createDatabase, withDatabase } from '../support/database.ts'
import { pollForRow } from '../support/wait.ts'
import { ask, openBench, post, registerWorkflow } from './bench.ts'
import { TestStream } from './stream.ts'

const NOWHERE = 'postgres://nobody@127.0.0.1:9/none'

test('stop() ends every stream with a line that says when to come back, and may be called again', async () => {
  await using bench = await openBench()
  const run = await bench.openRun()
  using one = await (await TestStream.open(`${bench.url}/runs/${run}/events`)).ready()
  using many = await (await TestStream.ofMany(bench.url, [{ run }])).ready()
  const stopping = bench.server.stop()
  await Promise.all([one.closed(), many.closed(), stopping, bench.server.stop()])
  for (const stream of [one, many]) {
    assert.equal(stream.retries.length, 2)
    assert.ok(stream.events.every(({ name }) => name !== 'end'))
  }
  await assert.rejects(fetch(`${bench.url}/livez`))
  await untilGone(bench, 'stepcast%')
})

test('stop() lets what is being answered finish, all of it', async () => {
  await using bench = await openBench()
  await registerWorkflow(bench)
  const other = new pg.Client(bench.databaseUrl)
  await other.connect()
  await other.query('begin; lock table stepcast.runs in access exclusive mode')
  const asked = post(`${bench.url}/runs`, { workflow: 'greet', input: { name: 'Ada' } })
  await pollForRow(
    bench.databaseUrl,
    `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  )
  const stopped = bench.server.stop()
  await other.query('commit')
  assert.equal((await asked).status, 201)
  await stopped
  await other.end()
})

test('stop() does not wait for a database that never answers', { timeout: 10_000 }, async () => {
  const sockets: Socket[] = []
  const database = createServer((socket) => sockets.push(socket.on('error', () => {})))
  database.listen(0, '127.0.0.1')
  await once(database, 'listening')
  const { port } = database.address() as AddressInfo
  const server = await startServer({ databaseUrl: `postgres://nobody@127.0.0.1:${port}/none`, port: 0 })
  const asked = fetch(`${server.url}/runs`).then(
    ({ status }) => status,
    () => 'cut off',
  )
  // The listener's and the one that the question opened.
  while (sockets.length < 2) await once(database, 'connection')
  await server.stop()
  assert.equal(await asked, 'cut off')
  for (const socket of sockets) socket.destroy()
  database.close()
})

test('a busy port is named, with the code that says so', async () => {
  await using server = await startServer({ databaseUrl: NOWHERE, port: 0 })
  await assert.rejects(startServer({ databaseUrl: NOWHERE, port: server.port }), {
    code: 'EADDRINUSE',
    message: new RegExp(`port ${server.port} of 127\\.0\\.0\\.1.*something else listens`),
  })
})

test('an address that others can reach needs authentication', async () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.5', 'example.org', '127.0.0.1.example.org'])
    await assert.rejects(startServer({ databaseUrl: NOWHERE, port: 0, host }), /authenticate/)
  await using server = await startServer({ databaseUrl: NOWHERE, port: 0, host: '0.0.0.0', authenticate: () => null })
  assert.equal((await ask(`http://127.0.0.1:${server.port}/runs`)).status, 401)
})

test('it is ready when the database has the schema', async () => {
  await using bench = await openBench()
  assert.deepEqual((await ask(`${bench.url}/readyz`)).body, { status: 'ok' })
  assert.equal((await ask(`${bench.url}/readyz`, { method: 'HEAD' })).status, 200)
})

test('mounted in an application it answers below its prefix and leaves the rest alone', async () => {
  await using bench = await openBench()
  await registerWorkflow(bench)
  await bench.server.stop()
  const stepcast = stepcastRouter({ databaseUrl: bench.databaseUrl, prefix: '/tools/stepcast' })
  const app = new Koa().use(stepcast.routes()).use((ctx) => {
    ctx.body = `the application's ${ctx.path}`
  })
  await using server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const base = `${url}/tools/stepcast`

  const started = await post(`${base}/runs`, { workflow: 'greet', input: { name: 'Ada' } })
  assert.equal(started.status, 201)
  assert.equal(started.headers.get('location'), `runs/${started.body.run.id}`)
  using stream = await (await TestStream.ofMany(base, [{ run: started.body.run.id }])).ready()
  assert.equal(stream.events[0]?.name, 'snapshot')
  assert.equal((await ask(`${base}/runs`, { method: 'PUT' })).status, 405)
  for (const path of ['/runs', '/', '/tools/stepcast/else', '/tools/stepcastle/runs'])
    assert.equal((await ask(`${url}${path}`)).body, `the application's ${path}`)

  await stepcast.stop()
  await stream.closed()
  for (const path of ['/readyz', '/runs']) assert.equal((await ask(`${base}${path}`)).status, 503)
  await untilGone(bench, 'stepcast server')
})

test('an application without a logger hears in its own way why a request was answered with 500', async () => {
  await using bench = await openBench()
  const { databaseUrl } = bench
  const found: Record<string, () => unknown> = {
    number: () => ({ id: 7, tenant: 'blue' }),
    alone: () => ({ id: 'ada' }),
    text: () => 'ada',
    thrown: () => {
      throw 'no session'
    },
  }
  const authenticate = (ctx: Koa.Context) => found[ctx.get('Authorization')]?.() as Principal
  const stepcast = stepcastRouter({ databaseUrl, authenticate })
  const heard: string[] = []
  const app = new Koa().use(stepcast.routes())
  app.on('error', ({ message }: Error) => heard.push(message))
  await using server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const authorization of Object.keys(found)) {
    const { status, body } = await ask(`${url}/runs`, { headers: { authorization } })
    assert.equal(status, 500)
    assert.equal(body.detail, 'Something went wrong here; the server’s log says what.')
  }
  await stepcast.stop()
  assert.deepEqual(heard, [
    'authenticate returned what is no principal. id: Invalid input: expected string, received number',
    'authenticate returned what is no principal. tenant: Invalid input: expected string, received undefined',
    'authenticate returned what is no principal. it: Invalid input: expected object, received string',
    'Not an error was thrown: no session',
  ])
})

test('a slash at the end of a prefix says nothing, and one that begins with none is refused with what to write', async () => {
  await using bench = await openBench()
  const { databaseUrl } = bench
  for (const [prefix, at] of Object.entries({ '/tools/': '/tools', '/': '', '': '' })) {
    await using server = await startServer({ databaseUrl, port: 0, prefix })
    assert.equal(server.url, `http://127.0.0.1:${server.port}${at}`)
    for (const path of ['/', '/runs', '/livez']) assert.equal((await ask(`${server.url}${path}`)).status, 200, prefix)
  }
  const refusal = { name: 'TypeError', message: "A prefix begins with a slash: write '/tools', not 'tools/'." }
  assert.throws(() => stepcastRouter({ databaseUrl, prefix: 'tools/' }), refusal)
  await assert.rejects(startServer({ databaseUrl, port: 0, prefix: 'tools/' }), refusal)
})

test('a server without the address of a database is refused, instead of one that finds none, or another', async () => {
  const message =
    'databaseUrl of a server must be the address of a database, which begins with postgres://, not undefined'
  const refusal = { name: 'TypeError', message }
  const nothing = { databaseUrl: process.env.STEPCAST_NO_SUCH_VARIABLE as string }
  assert.throws(() => stepcastRouter(nothing), refusal)
  await assert.rejects(startServer({ ...nothing, port: 0 }), refusal)
  const other = { databaseUrl: 'postgres://', readUrl: 'https://replica' }
  assert.throws(() => stepcastRouter(other), /readUrl of a server .*, not a string that begins otherwise/)
})

test('a prefix may hold any letters, as they are or percent-encoded', async () => {
  await using bench = await openBench()
  await registerWorkflow(bench)
  for (const prefix of ['/进度 1', '/%E8%BF%9B%E5%BA%A6%201']) {
    await using server = await startServer({ databaseUrl: bench.databaseUrl, port: 0, prefix })
    assert.equal(server.url, `http://127.0.0.1:${server.port}/%E8%BF%9B%E5%BA%A6%201`)
    const started = await post(`${server.url}/runs`, { workflow: 'greet', input: { name: 'Ada' } })
    assert.equal(started.status, 201, prefix)
    assert.equal((await ask(new URL(started.headers.get('location') ?? '', `${server.url}/runs`).href)).status, 200)
    assert.equal((await ask(`${server.url}/`)).status, 200)
  }
})

test('an application that speaks HTTP/2 itself streams too', async () => {
  await using bench = await openBench()
  const run = await bench.openRun()
  const stepcast = stepcastRouter({ databaseUrl: bench.databaseUrl })
  const server = http2.createServer(new Koa().use(stepcast.routes()).callback()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const stream = client.request({ ':path': `/runs/${run}/events` })
  const seen: string[] = []
  for await (const bytes of stream.setEncoding('utf8')) {
    seen.push(bytes)
    if (seen.join('').includes(': ready')) break
  }
  assert.match(seen.join(''), /^retry: \d+\n\nid: \S+\nevent: snapshot\n/)
  await stepcast.stop()
  client.close()
  server.close()
})

/** Postgres lists a connection for a moment after its client has closed it. */
async function untilGone({ sql }: Awaited<ReturnType<typeof openBench>>, name: string): Promise<void> {
  const text = `select count(*)::integer from pg_stat_activity
    where datname = current_database() and application_name like $1 and state is not null`
  while ((await sql(text, name)) !== 0);
}

test('a database that is not migrated, not there or of another login is out of reach, and no fault of the request', async () => {
  await using empty = await createDatabase('template1')
  const stranger = new URL(empty.url)
  stranger.username = 'nobody'
  for (const databaseUrl of [empty.url, withDatabase(empty.url, 'not_restored_yet'), stranger.href]) {
    await using server = await startServer({ databaseUrl, port: 0 })
    for (const path of ['/readyz', '/runs']) {
      const { status, headers } = await ask(`${server.url}${path}`)
      assert.deepEqual([status, headers.get('retry-after')], [503, '2'], databaseUrl)
    }
    assert.equal((await ask(`${server.url}/livez`)).status, 200)
  }
})
