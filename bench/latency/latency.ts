import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Client } from 'pg'
import { migrate } from '../../db/migrate.ts'
import { type Measurement, measured, percentile } from '../measurement.ts'
import { Stage } from '../stage.ts'

const RATES = [1, 100, 1_000]
const RUNS = 100
const WARM_UP_S = 2
const SECONDS = 10
const AT_LEAST = 50

/** From `ctx.report` to the bytes at an SSE client, with worker, server and watchers in processes of their own. */
export async function* latency(): AsyncGenerator<Measurement> {
  await using stage = await Stage.open()
  const url = await stage.postgres()
  await migrate(url)
  const worker = await stage.fork(new URL('./worker.ts', import.meta.url), url, String(RUNS))
  const runs = await startRuns(await stage.connect(url))
  const server = await stage.fork(new URL('./server.ts', import.meta.url), url)
  const watchers = await stage.fork(new URL('./watchers.ts', import.meta.url), server.message, JSON.stringify(runs))
  for (const rate of RATES) yield* measureAt(rate, worker.child, watchers.child)
}

async function startRuns(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select stepcast.start_run('bench', jsonb_build_object('n', n)) as id from generate_series(1, $1::integer) n`,
    [RUNS],
  )
  return rows.map(({ id }) => id)
}

async function* measureAt(rate: number, worker: ChildProcess, watchers: ChildProcess): AsyncGenerator<Measurement> {
  await report(worker, rate, rate * WARM_UP_S)
  await take(watchers)
  const count = Math.max(rate * SECONDS, AT_LEAST)
  await report(worker, rate, count)
  const latencies = await take(watchers)
  yield measured(`latency/${rate}/p50`, percentile(latencies, 0.5), 'ms')
  yield measured(`latency/${rate}/p99`, percentile(latencies, 0.99), 'ms')
  if (latencies.length < count) yield measured(`latency/${rate}/overtaken`, count - latencies.length, 'reports')
}

/** Has so many reports made at a steady rate; resolves a moment after the last, when it has long arrived. */
async function report(worker: ChildProcess, rate: number, count: number): Promise<void> {
  worker.send({ rate, count })
  await once(worker, 'message')
}

/** What the watchers have measured since the last time, sorted. */
async function take(watchers: ChildProcess): Promise<number[]> {
  watchers.send('take')
  const [latencies] = await once(watchers, 'message')
  return (latencies as number[]).sort((a, b) => a - b)
}
