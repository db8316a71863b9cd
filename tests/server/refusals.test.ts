import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import Koa from 'koa'
import { startServer, stepcastRouter } from '../../server/start.ts'
import { type Answer, ask, type Bench, openBench, post, registerWorkflow } from './bench.ts'

const NOBODY = '01890000-0000-7000-8000-000000000000'

let bench: Bench
before(async () => {
  bench = await openBench()
  await registerWorkflow(bench)
})
after(() => bench[Symbol.asyncDispose]())

function assertProblem({ status, headers, body }: Answer, expected: number, path?: string): void {
  assert.equal(status, expected, JSON.stringify(body))
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/)
  assert.equal(body.status, expected)
  assert.ok(body.type && body.title && body.detail, JSON.stringify(body))
  assert.doesNotMatch(JSON.stringify(body), /\.ts\b|node_modules|\n +at /)
  if (path !== undefined) assert.equal(body.errors[0].path, path)
}

const raw = (body: string, type = 'application/json') =>
  ask(`${bench.url}/runs`, { method: 'POST', headers: { 'content-type': type }, body })
const greet = (input: string) => raw(`{"workflow": "greet", "input": {"name": ${input}}}`)

test('where the database takes no writes it is 503, which says so, and what is read is answered', async () => {
  const databaseUrl = `${bench.databaseUrl}?options=-c%20default_transaction_read_only=on`
  await using server = await startServer({ databaseUrl, port: 0 })
  assert.equal((await ask(`${server.url}/runs`)).status, 200)
  const answer = await post(`${server.url}/runs`, { workflow: 'greet', input: { name: 'Ada' } })
  assertProblem(answer, 503)
  assert.match(answer.body.detail, /is read-only at the moment/)
})

test('where the disk of the database is full it is 503, which does not say that the database is away', async () => {
  await bench.sql(
    `create function refuse() returns trigger language plpgsql as $$
     begin
       raise 'could not extend file: No space left on device' using errcode = 'disk_full';
     end $$`,
  )
  await bench.sql(
    `create trigger refuse before insert on stepcast.runs for each row when (new.key = 'too much') execute function refuse()`,
  )
  const answer = await post(`${bench.url}/runs`, { workflow: 'greet', input: { name: 'Ada' }, key: 'too much' })
  assertProblem(answer, 503)
  assert.match(answer.body.detail, /accepts no changes at the moment/)
})

test('a body that is no JSON is 400', async () => {
  for (const body of ['{"workflow":', '{"__proto__": {"x": 1}}']) assertProblem(await raw(body), 400)
})

test('a body that the application has read before is no fault of who sent it, and the answer says whose', async () => {
  const router = stepcastRouter({
    databaseUrl: bench.databaseUrl,
    authenticate: () => ({ id: 'a', tenant: 'default' }),
  })
  const app = new Koa().use(router.routes())
  app.silent = true
  const handle = app.callback()
  const server = createServer(async (req, res) => {
    await req.resume().toArray()
    handle(req, res)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const answer = await post(`http://127.0.0.1:${port}/runs`, { workflow: 'greet' })
  assertProblem(answer, 500)
  assert.match(answer.body.detail, /has been read before it came here: mount Stepcast before/)
  server.close()
  await router.stop()
})

test('a body that is no UTF-8 is 400, and nothing of it is kept', async () => {
  const bytes = [[0xff], [0xc0, 0xae], [0xed, 0xa0, 0x80], [0xe2, 0x82]]
  for (const wrong of bytes) {
    const body = Buffer.concat([
      Buffer.from('{"workflow": "greet", "input": {"name": "'),
      Buffer.from(wrong),
      Buffer.from('"}}'),
    ])
    const answer = await ask(`${bench.url}/runs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    assertProblem(answer, 400)
  }
  assert.equal(await bench.sql('select count(*)::integer from stepcast.runs'), 0)
  // The character itself may be sent.
  assert.equal((await greet('"\uFFFD 🦊"')).status, 201)
})

test('a compressed body is 415', async () => {
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
  assertProblem(await ask(`${bench.url}/runs`, { method: 'POST', headers, body: gzipSync('{}') }), 415)
})

test('a body over 1 MiB is 413', async () => {
  assertProblem(await greet(JSON.stringify('x'.repeat(1024 * 1024))), 413)
})

test('a body of another type is 415', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=klingon'])
    assertProblem(await raw('{}', type), 415)
})

test('what JSON can say and Postgres cannot keep is 422 with its path', async () => {
  assertProblem(await greet('"a\\u0000b"'), 422, 'input.name')
  assertProblem(await greet('"\\ud800"'), 422, 'input.name')
  assertProblem(await greet('1e999'), 422, 'input.name')
  assertProblem(await greet('[1, {"a\\u0000": 1}]'), 422, 'input.name.1.a\u0000')
  assertProblem(await greet(`${'['.repeat(5000)}${']'.repeat(5000)}`), 422)
})

test('a body of the wrong shape is 422 with the fields', async () => {
  assertProblem(await raw('{}'), 422, 'workflow')
  for (const body of ['42', 'true', 'null', '"text"', '[]']) assertProblem(await raw(body), 422, '')
  assertProblem(await raw('{"workflow": "greet", "input": {"name": "x"}, "runAt": "soon"}'), 422, 'runAt')
  assertProblem(await raw('{"workflow": "greet", "input": {"name": "x"}, "priority": 1e9}'), 422, 'priority')
  assertProblem(await raw('{"workflow": "greet", "input": {"name": "x"}, "keys": 1}'), 422, '')
  assertProblem(await post(`${bench.url}/events`, { runs: [{ key: 5 }] }), 422, 'runs.0')
  assertProblem(await post(`${bench.url}/events`, { runs: 'all' }), 422, 'runs')
})

test('a parameter that is wrong, unknown or given twice is 422', async () => {
  const wrong = ['limit=0', 'limit=201', 'limit=x', 'status=done', 'after=x', 'colour=red', 'key=a&key=b', 'q=%00']
  for (const query of wrong) assertProblem(await ask(`${bench.url}/runs?${query}`), 422)
  const run = await bench.openRun()
  assertProblem(await ask(`${bench.url}/runs/${run}/logs?level=loud`), 422, 'level')
  assertProblem(await ask(`${bench.url}/runs/${run}/journal?after=-1`), 422, 'after')
  assertProblem(await ask(`${bench.url}/runs/${run}/events?logs=yes`), 422, 'logs')
  assertProblem(await ask(`${bench.url}/events`), 422, 'run')
  assertProblem(await ask(`${bench.url}/events?${'run=x&'.repeat(21)}`), 422, 'run')
  assertProblem(await ask(`${bench.url}/events?run=x&since=y`), 422, '')
})

test('what is no id of a run, or of none there is, is 404 everywhere', async () => {
  for (const id of [NOBODY, 'x', '%00', '1', `${NOBODY}0`]) {
    for (const below of ['', '/events', '/logs', '/journal']) {
      assertProblem(await ask(`${bench.url}/runs/${id}${below}`), 404)
    }
    for (const below of ['/cancel', '/retry']) assertProblem(await post(`${bench.url}/runs/${id}${below}`), 404)
  }
  assertProblem(await ask(`${bench.url}/workflows/greet/keys/%00`), 404)
  assertProblem(await ask(`${bench.url}/nothing/here`), 404)
})

test('malformed percent-encoding is 400', async () => {
  for (const path of ['/runs/%zz', '/workflows/greet/keys/%ff', '/runs?key=%', '/nowhere/%'])
    assertProblem(await ask(`${bench.url}${path}`), 400)
})

test('a wrong method is 405 and says which are right', async () => {
  const refused = await ask(`${bench.url}/runs`, { method: 'DELETE' })
  assertProblem(refused, 405)
  assert.deepEqual(refused.headers.get('allow')?.split(', ').sort(), ['GET', 'HEAD', 'OPTIONS', 'POST'])
  assertProblem(await ask(`${bench.url}/events`, { method: 'PUT' }), 405)
  const options = await ask(`${bench.url}/runs`, { method: 'OPTIONS' })
  assert.deepEqual([options.status, options.headers.get('allow')], [204, refused.headers.get('allow')])
})

test('HEAD of a stream answers its head and ends', async () => {
  const run = await bench.openRun()
  const { status, headers, body } = await ask(`${bench.url}/runs/${run}/events`, { method: 'HEAD' })
  assert.deepEqual([status, headers.get('content-type'), body], [200, 'text/event-stream; charset=utf-8', ''])
})

test('logs come in no other form than the two there are', async () => {
  const run = await bench.openRun()
  assertProblem(await ask(`${bench.url}/runs/${run}/logs`, { headers: { accept: 'image/png' } }), 406)
})

test('without authentication another host name is refused, and a change from another origin', async () => {
  assert.equal(await statusOf('/runs', 'evil.example'), 403)
  assert.equal(await statusOf('/runs', `localhost:${bench.server.port}`), 200)
  assertProblem(await post(`${bench.url}/runs`, {}, { origin: 'http://evil.example' }), 403)
  assertProblem(await post(`${bench.url}/runs`, {}, { origin: bench.url }), 422)
})

test('without authentication an application that others reach answers them under no name, and this machine', async (t) => {
  const stepcast = stepcastRouter({ databaseUrl: bench.databaseUrl })
  const server = new Koa().use(stepcast.routes()).listen(0)
  t.after(async () => {
    await stepcast.stop()
    server.close()
  })
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  assert.equal(await statusOf('/runs', 'localhost', { connection: 'close' }, url), 200)
  // Simulated, because a machine may have no address that others reach.
  server.on('connection', (socket) => Object.defineProperty(socket, 'remoteAddress', { value: '::ffff:192.0.2.7' }))
  assert.equal(await statusOf('/runs', 'localhost', { connection: 'close' }, url), 403)
  assert.equal(await statusOf('/metrics', 'localhost', { connection: 'close' }, url), 403)
  assert.equal(await statusOf('/livez', 'localhost', { connection: 'close' }, url), 200)
})

test('behind a proxy a page gets round that by no name that it says it was called by', async () => {
  await using server = await startServer({ databaseUrl: bench.databaseUrl, port: 0, trustedProxies: 1 })
  const statusFor = (host: string, forwarded: string) =>
    statusOf('/runs', host, { 'x-forwarded-host': forwarded }, server.url)
  assert.equal(await statusFor('evil.example', 'localhost'), 403)
  assert.equal(await statusFor('localhost', 'evil.example'), 403)
  assert.equal(await statusFor('localhost', 'localhost, evil.example'), 403)
  assert.equal(await statusFor('[::1]:80', 'localhost'), 200)
})

test('while the database is away every question is 503 with Retry-After, and the process lives', async () => {
  const databaseUrl = 'postgres://nobody@127.0.0.1:9/none'
  await using server = await startServer({ databaseUrl, port: 0 })
  const stream = { method: 'POST', headers: { 'content-type': 'application/json' } }
  const answers = [
    await ask(`${server.url}/runs`),
    await ask(`${server.url}/readyz`),
    await ask(`${server.url}/workflows/greet/keys/1/events`),
    await ask(`${server.url}/events`, { ...stream, body: JSON.stringify({ runs: [{ run: NOBODY }] }) }),
  ]
  for (const answer of answers) {
    assertProblem(answer, 503)
    assert.ok(Number(answer.headers.get('retry-after')) > 0)
  }
  assert.equal((await ask(`${server.url}/livez`)).status, 200)
})

async function statusOf(path: string, host: string, more = {}, url = bench.url): Promise<number | undefined> {
  const asked = request(`${url}${path}`, { headers: { host, ...more } }).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  answer.resume()
  return answer.statusCode
}
