import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import * as http2 from 'node:http2'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Registry } from '@prometheus-io/client'
import Koa from 'koa'
import { type RouterOptions, stepcastRouter } from '../../server/start.ts'
import { openBench } from './bench.ts'
import { bearer, SECRET, sign } from './tokens.ts'

const CLIENTS = 40

test('clients that go away before their stream begins leave no timer behind, however long their tokens last', async () => {
  const gone = Promise.withResolvers<boolean>()
  let asked = 0
  await using bench = await openBench({
    jwt: { secret: SECRET },
    authorize: () => {
      asked++
      return gone.promise
    },
  })
  const url = `${bench.url}/runs/${await bench.openRun({ tenant: 'blue' })}/events`
  const closed: Promise<unknown>[] = []
  const onStart = (about: unknown) => closed.push(once((about as { socket: Socket }).socket, 'close'))
  subscribe('http.server.request.start', onStart)
  const token = await sign({ exp: 3_600, actions: ['run:read', 'run:debug'] })
  const leaving = new AbortController()
  const streams = Array.from({ length: CLIENTS }, () =>
    fetch(url, { ...bearer(token), signal: leaving.signal }).catch(() => {}),
  )
  while (asked < CLIENTS) await turn()
  leaving.abort()
  await Promise.all([...streams, ...closed])
  unsubscribe('http.server.request.start', onStart)
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  gone.resolve(true)
  // Each is asked a second time, whether it may debug.
  while (asked < 2 * CLIENTS) await turn()
  await settle()
  assert.ok(timers() - before < CLIENTS / 2, `${timers() - before} timers more`)
})

test('a client that goes while something is written to it is no error of the application that Stepcast is mounted in', async () => {
  await using bench = await openBench()
  const errors: unknown[] = []
  const metrics = new Registry()
  const stepcast = stepcastRouter({ databaseUrl: bench.databaseUrl, metrics })
  const app = new Koa().use(stepcast.routes()).on('error', (error) => errors.push(error))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const run = await bench.openRun()
  const begun = Array.from({ length: CLIENTS }, async () => {
    const client = connect(port, '127.0.0.1')
    client.write(`GET /runs/${run}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
    await once(client, 'data')
    client.resetAndDestroy()
  })
  await Promise.all([...begun, bench.sql("select stepcast.begin_step($1, 'load')", run)])
  while (!/^stepcast_watchers 0$/m.test(await metrics.metrics())) await turn()
  await stepcast.stop()
  server.close()
  assert.deepEqual(errors, [])
})

test('a client that goes away before its stream begins leaves no watcher behind, by HTTP/2 either', async () => {
  await using bench = await openBench()
  const gate = closedGate()
  const metrics = new Registry()
  const { databaseUrl } = bench
  await using mounted = await mountInHttp2({ databaseUrl, metrics, authenticate: () => ADA, authorize: gate.pass })
  await mounted.leave(`/runs/${await bench.openRun()}/events`, gate.reached)
  gate.open(true)
  await settle()
  assert.match(await metrics.metrics(), /^stepcast_watchers 0$/m)
})

test('one that goes away while it is asked who it is leaves no place taken, by HTTP/2 either', async () => {
  await using bench = await openBench()
  const gate = closedGate()
  const { databaseUrl } = bench
  const authenticate = () => gate.pass().then(() => ADA)
  await using mounted = await mountInHttp2({ databaseUrl, authenticate, maxRequestsPerPrincipal: 1 })
  await mounted.leave('/workflows', gate.reached)
  gate.open(true)
  await settle()
  const [{ ':status': status }] = await once(mounted.client.request({ ':path': '/workflows' }), 'response')
  assert.equal(status, 200)
})

const ADA = { id: 'ada', tenant: 'default' }

/** What an application answers when the test says so. */
function closedGate() {
  const [reached, passed] = [Promise.withResolvers<void>(), Promise.withResolvers<boolean>()]
  const pass = () => {
    reached.resolve()
    return passed.promise
  }
  return { pass, reached: reached.promise, open: passed.resolve }
}

/** The router in an application's own server, and a client of it. */
async function mountInHttp2(options: RouterOptions) {
  const stepcast = stepcastRouter(options)
  const server = http2.createServer(new Koa().use(stepcast.routes()).callback()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return {
    client,
    /** Asks, and goes away when that was reached; until the server knows. */
    async leave(path: string, reached: Promise<void>) {
      const arriving = once(server, 'stream')
      const asking = client.request({ ':path': path })
      const [arrived] = (await arriving) as [http2.ServerHttp2Stream]
      await reached
      asking.close(http2.constants.NGHTTP2_CANCEL)
      await once(arrived, 'close')
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
      server.close()
      await stepcast.stop()
    },
  }
}

/** What answers without a network has done so after some turns of the event loop. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await turn()
}
