import type { ChildProcess } from 'node:child_process'
import { Audience } from '../live/audience.ts'
import { beginRuns, beginServer, order, pathOf } from '../live/stepcast.ts'
import { comparedLess, type Measurement, measured, median, percentile } from '../measurement.ts'
import { orMissing } from '../peer.ts'
import type { Options } from '../run.ts'
import { Stage } from '../stage.ts'
import { beginBullmq } from './bullmq.ts'

const RATES = [1, 100, 1_000, 5_000]
const RUNS = 100
const ROUNDS = 3
const WARM_UP_S = 1
const AT_LEAST = 15

/** Runs with one watcher each, and a worker that reports on them when it is told to. */
export interface Contender {
  name: string
  worker: ChildProcess
  audience: Audience
}

/** From `ctx.report` to the bytes at an SSE client; worker, server and watchers have processes of their own. */
export async function* latency({ seconds }: Options): AsyncGenerator<Measurement> {
  await using stage = await Stage.open()
  yield* measureAll('latency', stage, await stage.postgres(), seconds)
}

/** The same while an unrelated transaction is open, from before the first report. */
export async function* latencyHeld({ seconds }: Options): AsyncGenerator<Measurement> {
  await using stage = await Stage.open()
  const url = await stage.postgres()
  await stage.hold(url)
  yield* measureAll('latency/held', stage, url, seconds)
}

async function* measureAll(name: string, stage: Stage, url: string, seconds: number): AsyncGenerator<Measurement> {
  const ours = await beginStepcast(stage, url)
  const peer = await orMissing(beginBullmq(stage, RUNS))
  for (const rate of RATES) yield* measureAt(`${name}/${rate}`, rate, ours, peer ? [peer] : [], seconds)
}

async function beginStepcast(stage: Stage, url: string): Promise<Contender> {
  const { worker, runs } = await beginRuns(stage, url, RUNS)
  const { address } = await beginServer(stage, url)
  return { name: 'Stepcast', worker, audience: await Audience.gather(stage, address, runs.map(pathOf)) }
}

/** The results of one contender in one round. */
interface Round {
  p50: number
  p99: number
  overtaken: number
}

async function* measureAt(
  name: string,
  rate: number,
  ours: Contender,
  peers: Contender[],
  seconds: number,
): AsyncGenerator<Measurement> {
  const contenders = [ours, ...peers]
  const rounds = new Map<Contender, Round[]>(contenders.map((contender) => [contender, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [contender, taken] of rounds) taken.push(await measureRound(contender, rate, seconds))
  }
  const medianOf = (contender: Contender, key: keyof Round) => median((rounds.get(contender) ?? []).map((r) => r[key]))
  const ofPeers = (key: keyof Round) => Object.fromEntries(peers.map((peer) => [peer.name, medianOf(peer, key)]))
  yield comparedLess(`${name}/p50`, medianOf(ours, 'p50'), 'ms', ofPeers('p50'))
  yield comparedLess(`${name}/p99`, medianOf(ours, 'p99'), 'ms', ofPeers('p99'))
  const overtaken = (rounds.get(ours) ?? []).reduce((sum, round) => sum + round.overtaken, 0)
  if (overtaken > 0) yield measured(`${name}/overtaken`, overtaken, 'reports')
}

async function measureRound({ worker, audience }: Contender, rate: number, seconds: number): Promise<Round> {
  await order(worker, { rate, count: Math.ceil(rate * WARM_UP_S) })
  await audience.take()
  const count = Math.max(Math.ceil(rate * seconds), AT_LEAST)
  await order(worker, { rate, count })
  const latencies = await audience.take()
  return {
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    overtaken: count - latencies.length,
  }
}
