import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import pg from 'pg'
import { startServer } from '../../server/start.ts'
import { size } from '../support/size.ts'
import { openBench } from './bench.ts'
import { TestStream } from './stream.ts'

const MB = 1_024 * 1_024
const MINUTE = 60_000
const STREAMS = size(200, 5_000)
const RUNS = 20
const RUNNING = { status: 'running', limit: 10 } as const

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/**
 * What the server of this process asks the database while `work` runs, by name; its first question is held until this many
 * requests have come, as they come at once to a server of its own.
 */
async function questionsOf(requests: number, work: () => Promise<void>): Promise<Record<string, number>> {
  const counted: Record<string, number> = {}
  const { promise: allHere, resolve } = Promise.withResolvers<void>()
  let here = 0
  const arrive = () => ++here === requests && resolve()
  const { query } = pg.Client.prototype
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const { name } = Object(args[0]) as { name?: string }
    if (name) counted[name] = (counted[name] ?? 0) + 1
    const ask = () => Reflect.apply(query, this, args)
    // A pool's clients answer to a callback.
    return name === 'stepcast.find_runs' && here < requests ? allHere.then(ask) : ask()
  } as typeof query
  subscribe('http.server.request.start', arrive)
  await work().finally(() => {
    unsubscribe('http.server.request.start', arrive)
    pg.Client.prototype.query = query
  })
  return counted
}

test(`${STREAMS} reconnects at once are served with a few reads, and leave nothing behind`, async () => {
  await using bench = await openBench()
  const runs = await Promise.all(Array.from({ length: RUNS }, () => bench.openRun()))
  const first = await Promise.all(runs.map(async (run) => (await TestStream.ofMany(bench.url, [{ run }])).ready()))
  await bench.server.stop()
  for (const stream of first) await stream.closed()
  for (const run of runs) await bench.sql("select stepcast.begin_step($1, 'load')", run)
  // The first question is held here until all have come, and this process sends them all: on a busy machine both take
  // longer than an answer or a request may.
  const timeouts = { headersMs: 5 * MINUTE, requestMs: 5 * MINUTE, stalledMs: 5 * MINUTE }
  const { databaseUrl, server: stopped } = bench
  const options = { databaseUrl, port: stopped.port, statementTimeoutMs: 5 * MINUTE, timeouts }
  await using server = await startServer(options)
  collectGarbage()
  const { heapUsed } = process.memoryUsage()

  const open = async (index: number) => {
    const since = first[index % RUNS]?.events[0]?.id
    return (await TestStream.ofMany(server.url, [{ run: runs[index % RUNS], since }, RUNNING])).ready()
  }
  let streams: TestStream[] = []
  const questions = await questionsOf(STREAMS, async () => {
    streams = await Promise.all(Array.from({ length: STREAMS }, (_, index) => open(index)))
  })
  for (const [index, stream] of streams.entries()) {
    const own = stream.events.filter(({ data }) => data.steps !== null)
    assert.deepEqual(
      own.map(({ name, data }) => [name, data.run.id]),
      [['patch', runs[index % RUNS]]],
    )
    assert.equal(stream.list(RUNNING).length, 10)
  }
  const asked = Object.values(questions).reduce((sum, count) => sum + count, 0)
  assert.ok(asked < STREAMS / 5, JSON.stringify(questions))

  for (const stream of streams) stream.close()
  streams = []
  await untilSmall(heapUsed + 4 * MB + STREAMS * 4_096)
})

test('a stream keeps nothing of what it was asked by, however long that was', async () => {
  await using bench = await openBench()
  const run = await bench.openRun()
  const body = Buffer.from(JSON.stringify({ runs: [{ run }] }).padEnd(MB))
  const open = async (): Promise<ClientRequest> => {
    const asking = request(`${bench.url}/events`, { method: 'POST', headers: { 'content-type': 'application/json' } })
    const [stream] = (await once(asking.end(body), 'response')) as [IncomingMessage]
    await once(stream, 'data')
    return asking
  }
  const first = await open()
  collectGarbage()
  const { heapUsed } = process.memoryUsage()
  const streams = [first, ...(await Promise.all(Array.from({ length: 20 }, open)))]
  await untilSmall(heapUsed + 4 * MB)
  for (const stream of streams) stream.destroy()
})

/** What is closed is let go a little later; the test's own timeout bounds it. */
async function untilSmall(bytes: number): Promise<void> {
  for (;;) {
    collectGarbage()
    if (process.memoryUsage().heapUsed < bytes) return
    await new Promise(setImmediate)
  }
}
