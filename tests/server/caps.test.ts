import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import Koa from 'koa'
import { type ServerOptions, stepcastRouter } from '../../server/start.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type Answer, ask, openBench } from './bench.ts'
import { TestStream } from './stream.ts'

const NOWHERE = 'postgres://nobody@127.0.0.1:9/none'

/** A server whose callers say who they are, and where from. */
function openCapped(options: Partial<ServerOptions>) {
  return openBench({
    trustedProxies: 1,
    authenticate: (ctx) => ({ id: ctx.get('Authorization'), tenant: 'default' }),
    ...options,
  })
}

const from = (address: string, name = 'ada') => ({ headers: { 'x-forwarded-for': address, authorization: name } })

function assertRefused({ status, headers, body }: Answer, expected: number): void {
  assert.equal(status, expected, JSON.stringify(body))
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/)
  assert.equal(body.type, 'urn:stepcast:too-many-streams')
  assert.ok(Number(headers.get('retry-after')) > 0)
}

test('one stream more than an address may have is 429, and a place that is given back is free', async () => {
  await using bench = await openCapped({ maxStreamsPerAddress: 2 })
  const run = await bench.openRun()
  const url = `${bench.url}/runs/${run}/events`
  using first = await TestStream.open(url, from('203.0.113.7', 'ada'))
  using second = await TestStream.open(`${bench.url}/events?run=${run}`, from('203.0.113.7', 'bob'))
  assert.deepEqual([first.status, second.status], [200, 200])
  assertRefused(await ask(url, from('203.0.113.7', 'eve')), 429)
  // What the client itself puts before the proxy's word counts for nothing.
  assertRefused(await ask(url, from('198.51.100.1, 203.0.113.7', 'eve')), 429)
  using elsewhere = await TestStream.open(url, from('203.0.113.8', 'eve'))
  assert.equal(elsewhere.status, 200)
  first.close()
  await until(async () => (await TestStream.open(url, from('203.0.113.7'))).status === 200)
})

test('an IPv6 address counts as its network, and an address of this machine not at all', async () => {
  await using bench = await openCapped({ maxStreamsPerAddress: 1 })
  const url = `${bench.url}/runs/${await bench.openRun()}/events`
  using first = await TestStream.open(url, from('2001:db8::1'))
  assert.equal(first.status, 200)
  assertRefused(await ask(url, from('2001:db8:0:0:ffff::7')), 429)
  for (const address of ['2001:db8:0:1::1', '127.0.0.1', '127.0.0.1', '::1', '::1', '::ffff:127.0.0.1']) {
    const stream = await TestStream.open(url, from(address))
    assert.equal(stream.status, 200, address)
  }
})

test('an address is the same from whatever port a proxy says that it came', async () => {
  await using bench = await openCapped({ maxStreamsPerAddress: 1 })
  const url = `${bench.url}/runs/${await bench.openRun()}/events`
  using first = await TestStream.open(url, from('203.0.113.7:50001'))
  using second = await TestStream.open(url, from('[2001:db8::1]:50001'))
  assert.deepEqual([first.status, second.status], [200, 200])
  for (const address of ['203.0.113.7:50002', '203.0.113.7', '[2001:db8::1]:50002', '[2001:db8::2]', '2001:db8::3'])
    assert.equal((await TestStream.open(url, from(address))).status, 429, address)
  for (const address of ['127.0.0.1:50001', '127.0.0.1:50002', '[::1]:50001', '[::1]:50002'])
    assert.equal((await TestStream.open(url, from(address))).status, 200, address)
})

test('clients that come by a Unix socket, as from a proxy, have no address to count', async () => {
  await using bench = await openBench()
  await using folder = await temporaryFolder()
  const stepcast = stepcastRouter({ databaseUrl: bench.databaseUrl, maxStreamsPerAddress: 1 })
  const socketPath = join(folder.path, 'http')
  await using server = new Koa().use(stepcast.routes()).listen(socketPath)
  await once(server, 'listening')
  const path = `/runs/${await bench.openRun()}/events`
  const statuses = []
  for (let n = 0; n < 3; n++) {
    const [answer] = (await once(get({ socketPath, path }), 'response')) as [IncomingMessage]
    statuses.push(answer.resume().statusCode)
  }
  await stepcast.stop()
  assert.deepEqual(statuses, [200, 200, 200])
})

test('one stream more than a principal may have is 429, wherever it comes from', async () => {
  await using bench = await openCapped({ maxStreamsPerPrincipal: 1 })
  const url = `${bench.url}/runs/${await bench.openRun()}/events`
  using first = await TestStream.open(url, from('203.0.113.7', 'ada'))
  assert.equal(first.status, 200)
  assertRefused(await ask(url, from('203.0.113.8', 'ada')), 429)
  using other = await TestStream.open(url, from('203.0.113.7', 'bob'))
  assert.equal(other.status, 200)
})

test('one stream more than the process may have is 503', async () => {
  await using bench = await openBench({ maxStreams: 1 })
  const url = `${bench.url}/runs/${await bench.openRun()}/events`
  using first = await TestStream.open(url)
  assert.equal(first.status, 200)
  assertRefused(await ask(url), 503)
  assert.equal((await ask(`${bench.url}/runs`)).status, 200)
})

test('one request more than a principal may have under way is 429, until an answer has been taken', async () => {
  await using bench = await openCapped({ maxRequestsPerPrincipal: 1 })
  const url = `${bench.url}/runs`
  const { headers } = from('203.0.113.7', 'ada')
  const begun = request(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } })
  begun.on('error', () => {}).write('{')
  await until(async () => (await ask(url, { headers })).status === 429)
  const { status, body, headers: answered } = await ask(`${bench.url}/workflows`, { headers })
  assert.deepEqual([status, body.type], [429, 'urn:stepcast:too-many-requests'])
  assert.ok(Number(answered.get('retry-after')) > 0)
  assert.equal((await ask(url, from('203.0.113.7', 'bob'))).status, 200)
  using stream = await TestStream.open(`${bench.url}/runs/${await bench.openRun()}/events`, { headers })
  assert.equal(stream.status, 200)
  begun.destroy()
  await until(async () => (await ask(url, { headers })).status === 200)
})

test('what was refused or is over takes no place', async () => {
  await using bench = await openBench({ maxStreams: 1 })
  const run = await bench.openRun()
  await bench.sql('select stepcast.cancel_run($1)', run)
  for (let n = 0; n < 3; n++) {
    assert.equal((await ask(`${bench.url}/runs/x/events`)).status, 404)
    assert.equal((await ask(`${bench.url}/events`)).status, 422)
    assert.equal((await ask(`${bench.url}/runs/${run}/events`, { method: 'HEAD' })).status, 200)
    await (await TestStream.open(`${bench.url}/runs/${run}/events`)).closed()
  }
})

test('a client that goes away while the database does not answer gives its place back', async () => {
  await using bench = await openCapped({ databaseUrl: NOWHERE, maxStreams: 1, maxStreamsPerPrincipal: 1 })
  const url = `${bench.url}/events?run=x`
  const leaving = new AbortController()
  const asked = fetch(url, { ...from('203.0.113.7'), signal: leaving.signal }).catch(() => {})
  leaving.abort()
  await asked
  await until(async () => (await ask(url, from('203.0.113.7'))).body.type !== 'urn:stepcast:too-many-streams')
})

/** Asked again until it holds; the test's own timeout bounds it. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate)
}
