import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, IncomingMessage, request, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { mock, test } from 'node:test'
import { createParser } from 'eventsource-parser'
import { silent } from '../../db/logger.ts'
import { Frame } from '../../server/hub/frame.ts'
import { Hub } from '../../server/hub/hub.ts'
import { Subscription } from '../../server/hub/subscription.ts'
import { Watcher } from '../../server/hub/watcher.ts'
import type { Meter } from '../../server/meter.ts'
import { useDatabase } from '../support/fixture.ts'
import { ask, openBench } from './bench.ts'
import { TestStream } from './stream.ts'

const db = await useDatabase()

const KB = 1_024
const SECOND = 1_000

/** A client that has opened a stream and does not read it, and the server's side of it. */
async function openStalled() {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const asked = request({ port: (server.address() as AddressInfo).port }).end()
  const [, res] = (await once(server, 'request')) as [IncomingMessage, ServerResponse]
  res.flushHeaders()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  answer.pause()
  const close = async () => {
    server.closeAllConnections()
    server.close()
  }
  return { res, answer, [Symbol.asyncDispose]: close }
}

/** The server's side of a stream over a simulated network, which takes one write after the other. */
async function openOver(write: (chunk: Buffer, done: () => void) => void): Promise<ServerResponse> {
  const server = createServer()
  const network = new Duplex({ read: ignore, write: (chunk, _encoding, done) => write(chunk, done) })
  server.emit('connection', Object.assign(network, { setNoDelay: ignore }))
  network.push('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const [, res] = (await once(server, 'request')) as [IncomingMessage, ServerResponse]
  return res
}

const frame = Buffer.alloc(100 * KB, 'x')
const ignore = () => {}

const CHANGE = {
  run: 'a run',
  revision: 1,
  status: 'running',
  epoch: 'e',
  kind: 'snapshot',
  body: '{}',
  row: '{}',
  lines: null,
  line: 0,
  isCut: false,
} as const

/** Writes until it is refused; how much was taken. */
function fill(watcher: Watcher): number {
  let taken = 0
  while (watcher.write(frame)) taken += frame.length
  return taken
}

/** The first time it only looks whether anything is written. */
function beatTwice(watcher: Watcher): void {
  watcher.beat()
  watcher.beat()
}

test('what waits for a client that does not read is bounded', async () => {
  await using stalled = await openStalled()
  const watcher = new Watcher(stalled.res, { endsWithRun: false })
  fill(watcher)
  for (let n = 0; n < 1_000; n++) watcher.write(frame)
  for (let n = 0; n < 1_000; n++) watcher.beat()
  assert.ok(stalled.res.writableLength <= 256 * KB + frame.length, `${stalled.res.writableLength} bytes`)
})

test('what is written goes out before anyone else is written to', async () => {
  await using stalled = await openStalled()
  const watcher = new Watcher(stalled.res, { endsWithRun: false })
  const { socket } = stalled.res
  for (const write of [() => watcher.write(Buffer.from('news')), () => beatTwice(watcher)]) {
    const before = socket?.bytesWritten ?? 0
    write()
    assert.ok(socket && socket.bytesWritten > before)
    assert.equal(socket.writableCorked, 0)
    assert.equal(socket.writableLength, 0)
  }
})

test('whoever missed something hears of it once, when the client has caught up', async () => {
  await using stalled = await openStalled()
  const watcher = new Watcher(stalled.res, { endsWithRun: false })
  const { promise: drained, resolve } = Promise.withResolvers<void>()
  let calls = 0
  const onDrain = () => {
    calls += 1
    resolve()
  }
  fill(watcher)
  watcher.whenDrained(onDrain)
  assert.equal(watcher.write(frame), false)
  watcher.whenDrained(onDrain)
  stalled.answer.resume()
  await drained
  assert.equal(calls, 1)
  assert.equal(watcher.write(frame), true)
})

test('once something was dropped nothing comes before it is said again', async () => {
  // A simulated network, which takes one write at a time when the test says so.
  const taken: (() => void)[] = []
  const network = new Duplex({ read: ignore, write: (_chunk, _encoding, done) => taken.push(done) })
  const res = new ServerResponse(new IncomingMessage(network as Socket))
  res.assignSocket(network as Socket)
  res.useChunkedEncodingByDefault = false
  const watcher = new Watcher(res, { endsWithRun: false })
  fill(watcher)
  while (res.writableLength > 0) {
    assert.equal(watcher.write(frame), false, `${res.writableLength} bytes`)
    taken.shift()?.()
    await new Promise(setImmediate)
  }
  // Else its deadline would be waited for.
  res.emit('close')
})

test('a subscription that has moved to another run since it missed something does not join that one twice', async () => {
  await using stalled = await openStalled()
  const watcher = new Watcher(stalled.res, { endsWithRun: false })
  let rejoins = 0
  const [stays, moves] = [0, 0].map(
    () => new Subscription(watcher, { form: 'plain', key: null, rejoin: () => rejoins++ }),
  )
  const { promise: drained, resolve } = Promise.withResolvers<void>()
  const snapshot = new Frame(CHANGE, { since: null, wasFinal: false, after: null })
  for (const subscription of [stays, moves]) {
    subscription?.join(null)
    fill(watcher)
    subscription?.land(snapshot)
    assert.equal(subscription?.state, 'stale')
  }
  moves?.join(null)
  watcher.whenDrained(resolve)
  stalled.answer.resume()
  await drained
  assert.equal(rejoins, 1)
})

test('nothing is ready before what was dropped of the first pictures has come', async () => {
  await using stalled = await openStalled()
  const watcher = new Watcher(stalled.res, { endsWithRun: false })
  const snapshot = new Frame(CHANGE, { since: null, wasFinal: false, after: null })
  const rejoin = (subscription: Subscription) => {
    subscription.join(null)
    subscription.land(snapshot)
  }
  const [shown, absent] = [0, 0].map(() => new Subscription(watcher, { form: 'plain', key: null, rejoin }))
  watcher.expect(2)
  shown?.join(null)
  fill(watcher)
  shown?.land(snapshot)
  absent?.leave('not-found', 'another run')
  let received = ''
  for await (const chunk of stalled.answer) {
    received += chunk
    if (received.includes(': ready')) break
  }
  assert.deepEqual(received.match(/event: \w+|: ready/g), ['event: snapshot', 'event: end', ': ready'])
})

test('a client that does not catch up within 30 seconds is let go', async () => {
  await using stalled = await openStalled()
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    const watcher = new Watcher(stalled.res, { endsWithRun: false })
    fill(watcher)
    mock.timers.tick(29 * SECOND)
    assert.equal(stalled.res.destroyed, false)
    mock.timers.tick(2 * SECOND)
    assert.equal(stalled.res.destroyed, true)
  } finally {
    mock.timers.reset()
  }
})

test('so is one that is full and has nothing to be told', async () => {
  await using stalled = await openStalled()
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    const watcher = new Watcher(stalled.res, { endsWithRun: false })
    while (stalled.res.writableLength <= 256 * KB) assert.ok(watcher.write(frame))
    beatTwice(watcher)
    mock.timers.tick(29 * SECOND)
    beatTwice(watcher)
    assert.equal(stalled.res.destroyed, false)
    mock.timers.tick(2 * SECOND)
    assert.equal(stalled.res.destroyed, true)
  } finally {
    mock.timers.reset()
  }
})

test('the end of a run reaches a client that was full when it came', async () => {
  await using stalled = await openStalled()
  const watcher = new Watcher(stalled.res, { endsWithRun: false })
  const subscription = new Subscription(watcher, { form: 'plain', key: null, rejoin: ignore })
  fill(watcher)
  subscription.leave('deleted', 'a run')
  let received = ''
  for await (const chunk of stalled.answer) {
    received = `${received}${chunk}`.slice(-200)
    if (received.includes('"reason":"deleted"')) break
  }
})

test('a slow watcher misses patches, delays nobody, and ends equal to the row', async () => {
  await using bench = await openBench()
  const run = await bench.openRun()
  const asked = request(`${bench.url}/events`, { method: 'POST', headers: { 'content-type': 'application/json' } })
  asked.end(JSON.stringify({ runs: [{ run }] }))
  const [slow] = (await once(asked, 'response')) as [IncomingMessage]
  using quick = await (await TestStream.ofMany(bench.url, [{ run }])).ready()
  await bench.sql("select stepcast.begin_step($1, 'load')", run)
  const REPORTS = 90
  for (let n = 1; n <= REPORTS; n++) {
    // Differing letters, so that no row is compressed to nothing.
    const report =
      "select stepcast.report_step($1, 'load', $2, metadata => jsonb_build_object('text', repeat($3, 85000)))"
    await bench.sql(report, run, n, `${n} `)
    await quick.until(() => quick.events.at(-1)?.data.steps[0]?.progress === n)
  }
  const received = await readUntil(slow, (event) => event.steps[0]?.progress === REPORTS)
  assert.ok(received.length < REPORTS, `${received.length} events`)
  assert.equal(received.at(-1)?.name, 'snapshot')
  const { steps } = (await ask(`${bench.url}/runs/${run}`)).body
  assert.deepEqual(received.at(-1)?.steps, steps)
  asked.destroy()
})

test('of the rows that a slow watcher missed few are read more than it can take', async () => {
  const ROWS = 100
  const open = `select stepcast.open_run('import', '["load"]', metadata => jsonb_build_object('text', repeat('x', 64000)))
    from generate_series(1, $1::integer)`
  await db.rows(open, [ROWS])
  let received = ''
  let read = 0
  const ready = Promise.withResolvers<void>()
  const res = await openOver((chunk, done) => {
    received += chunk.toString('latin1').replace(/x{9,}/, '')
    if (received.includes(': ready')) ready.resolve()
    setImmediate(done)
  })
  const reads: Meter['reads'] = (_kind, runs, ask) => {
    read += runs
    return ask()
  }
  const meter = { watches: ignore, foundStale: ignore, hears: ignore, reads }
  const hub = new Hub({ db: db.pool, logger: silent, pollMs: 3_600 * SECOND, meter })
  const filter = { tenant: 'default', workflow: null, statuses: null, key: null, q: null, limit: 2 * ROWS }
  hub.watch(res, [{ list: { filter, view: 'full' } }], { logs: false, endsWithRun: false })
  await ready.promise
  const shown = new Set(received.match(/(?<="id":")[^"]+/g))
  assert.equal(shown.size, ROWS)
  assert.ok(read > ROWS && read < 5 * ROWS, `${read} rows were read`)
  res.destroy()
  await hub.stop()
})

interface Shown {
  name: string
  steps: { progress: number }[]
}

async function readUntil(answer: IncomingMessage, isLast: (event: Shown) => boolean): Promise<Shown[]> {
  const shown: Shown[] = []
  const onEvent = ({ event = '', data }: { event?: string | undefined; data: string }) =>
    shown.push({ name: event, steps: JSON.parse(data).steps })
  const parser = createParser({ onEvent, maxBufferSize: Number.POSITIVE_INFINITY })
  for await (const chunk of answer) {
    parser.feed(String(chunk))
    if (shown.some(isLast)) return shown
  }
  throw new Error('The stream ended')
}
