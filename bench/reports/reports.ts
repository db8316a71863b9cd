import { compared, type Measurement, measured, median } from '../measurement.ts'
import { orMissing } from '../peer.ts'
import type { Options } from '../run.ts'
import { Stage } from '../stage.ts'
import { beginOnPostgres, beginOnRedis } from './bullmq.ts'
import { beginStepcast } from './stepcast.ts'

const RUNS = 1_000
const ROUNDS = 3
const WARM_UP_S = 2

/** Handlers of many runs in one worker, which always have something to report. */
export interface Contender {
  name: string
  /** Resolves to the number of stored reports per second. */
  persist(seconds: number): Promise<number>
}

/** Stored reports per second, of a thousand running steps. */
export async function* reports({ seconds }: Options): AsyncGenerator<Measurement> {
  await using stage = await Stage.open()
  yield* measure('reports', stage, await stage.postgres(), seconds)
}

/** The same while an unrelated transaction is open. */
export async function* reportsHeld({ seconds }: Options): AsyncGenerator<Measurement> {
  await using stage = await Stage.open()
  const url = await stage.postgres()
  await stage.hold(url)
  yield* measure('reports/held', stage, url, seconds)
}

async function* measure(name: string, stage: Stage, url: string, seconds: number): AsyncGenerator<Measurement> {
  const ours = await beginStepcast(stage, url, RUNS)
  const peers = [await orMissing(beginOnRedis(stage, RUNS)), await orMissing(beginOnPostgres(stage, url, RUNS))].filter(
    (peer) => peer !== null,
  )
  const rounds = await alternate([ours, ...peers], seconds)
  const kept = ({ name }: Contender) => median(rounds.get(name) ?? [])
  yield compared(name, kept(ours), 'reports/s', Object.fromEntries(peers.map((peer) => [peer.name, kept(peer)])))
  const { calls, persisted, callNs } = await ours.flood(seconds)
  yield measured(`${name}/calls`, calls, 'calls/s')
  yield measured(`${name}/call`, callNs, 'ns')
  yield measured(`${name}/coalescing`, calls / persisted, 'calls a report')
}

async function alternate(contenders: Contender[], seconds: number): Promise<Map<string, number[]>> {
  for (const contender of contenders) await contender.persist(Math.min(seconds, WARM_UP_S))
  const rounds = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const contender of contenders) rounds.get(contender.name)?.push(await contender.persist(seconds))
  }
  return rounds
}
