import assert from 'node:assert/strict'
import { subscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { ask, type Bench, openBench } from './bench.ts'

/** So that nobody waits for the ten seconds and more of the defaults. */
const TIMEOUTS = { headersMs: 1_500, requestMs: 2_500, stalledMs: 3_000, idleMs: 1_000 }
/** They are looked at every half of the shortest; the machine may be busy. */
const WITHIN_MS = 15_000

let bench: Bench
before(async () => {
  bench = await openBench({ timeouts: TIMEOUTS })
})
after(() => bench[Symbol.asyncDispose]())

interface Slow {
  socket: Socket
  /** What came until the server ended it, and after how long. */
  ended: Promise<{ answer: string; ms: number }>
}

function open(text = ''): Slow {
  // Without this Node would end its own half as soon as the server has ended its own.
  const socket = connect({ port: bench.server.port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {})
  const began = performance.now()
  let answer = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    answer += chunk
  })
  socket.write(text)
  const { promise: over, resolve } = Promise.withResolvers<void>()
  for (const event of ['end', 'close']) socket.on(event, () => resolve())
  return { socket, ended: over.then(() => ({ answer, ms: performance.now() - began })) }
}

/** A byte now and then, for as long as the server takes them. */
function trickling(head: string, byte: string): Slow {
  const slow = open(head)
  const timer = setInterval(() => slow.socket.write(byte), 50)
  slow.ended.finally(() => clearInterval(timer))
  return slow
}

const POST = 'POST /runs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{'

/** Each holds a connection in its own way. */
const WAYS: Record<string, [begin: () => Slow, answer: RegExp]> = {
  'nothing is said at all': [() => open(), /^HTTP\/1\.1 408 /],
  'half a line': [() => open('GET /liv'), /^HTTP\/1\.1 408 /],
  'headers that trickle': [() => trickling('GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ', 'x'), /^HTTP\/1\.1 408 /],
  'headers without an end': [
    () => trickling('GET /livez HTTP/1.1\r\nHost: localhost\r\n', 'X: 1\r\n'),
    /^HTTP\/1\.1 408 /,
  ],
  'a body that trickles': [() => trickling(POST, 'x'), /^HTTP\/1\.1 408 /],
  'a body that stops': [() => open(POST), /^(HTTP\/1\.1 408 |$)/],
  'a client that hangs up half of it': [() => halfClosed('GET /liv'), /^(HTTP\/1\.1 400 |$)/],
  'a client that hangs up half of it before it has said anything': [() => halfClosed(''), /^$/],
}

function halfClosed(text: string): Slow {
  const slow = open(text)
  slow.socket.end()
  return slow
}

test('a connection that somebody holds is ended within its time, and others are served meanwhile', async () => {
  const held = Object.entries(WAYS).flatMap(([way, [begin, answer]]) =>
    Array.from({ length: 20 }, () => ({ way, answer, slow: begin() })),
  )
  const served = await Promise.all(Array.from({ length: 10 }, () => ask(`${bench.url}/runs`)))
  for (const { status } of served) assert.equal(status, 200)
  for (const { way, answer, slow } of held) {
    const { answer: said, ms } = await slow.ended
    slow.socket.destroy()
    assert.match(said, answer, way)
    if (said !== '') assert.match(said, /\r\nContent-Type: application\/problem\+json\r\n.*"title":"/s, way)
    assert.ok(ms < WITHIN_MS, `${way}: ${ms} ms`)
  }
})

test('a connection without a next request is ended in its time, by default later than proxies end theirs', async () => {
  const { socket, ended } = open('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n')
  assert.match((await ended).answer, /\r\nKeep-Alive: timeout=1\r\n/)
  socket.destroy()
  await using usual = await openBench()
  const { headers } = await ask(`${usual.url}/livez`)
  assert.equal(headers.get('keep-alive'), 'timeout=130')
})

test('a client that takes nothing of a long answer is let go', async () => {
  const run = await bench.openRun()
  await bench.sql(
    `insert into stepcast.logs (run_id, tenant, line, revision, at, level, message)
     select $1, 'default', line, 1, now(), 'info', repeat('x', 8000) from generate_series(1, 3000) line`,
    run,
  )
  const asked = Promise.withResolvers<Socket>()
  // The server's end of the connection.
  subscribe('http.server.request.start', (about) => asked.resolve((about as { socket: Socket }).socket))
  const { socket } = open(`GET /runs/${run}/logs HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  socket.pause()
  await once(await asked.promise, 'close')
  assert.equal(socket.closed, false)
  socket.destroy()
})
