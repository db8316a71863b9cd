import { setTimeout as sleep } from 'node:timers/promises'
import { Audience } from '../live/audience.ts'
import { beginRuns, beginServer, order, pathOf } from '../live/stepcast.ts'
import { type Measurement, measured } from '../measurement.ts'
import type { Options } from '../run.ts'
import { Stage } from '../stage.ts'
import { comeAndGo } from './coming-and-going.ts'
import { growth, KEYS, level, type Sample, type Sampled, takeSample, UNITS } from './samples.ts'

const RUNS = 1_000
const SAMPLE_S = 5
/** As a share of the time; what is only created once is created then. */
const WARM_UP = 0.25
/**
 * The growth per minute as a share of the level. Anything that grows by less would take over an hour and a half to
 * double.
 */
const FLAT = 0.01
const WORKER = new URL('./worker.ts', import.meta.url)

/**
 * A thousand runs that report once a second and are watched, while other runs start, end and are purged, and watchers
 * come and go.
 */
export async function* soak({ minutes }: Options): AsyncGenerator<Measurement> {
  await using stage = await Stage.open()
  yield* soakIn('soak', stage, await stage.postgres(), minutes)
}

/** The same while an unrelated transaction is open. */
export async function* soakHeld({ minutes }: Options): AsyncGenerator<Measurement> {
  await using stage = await Stage.open()
  const url = await stage.postgres()
  await stage.hold(url)
  yield* soakIn('soak/held', stage, url, minutes)
}

async function* soakIn(name: string, stage: Stage, url: string, minutes: number): AsyncGenerator<Measurement> {
  const { worker, runs } = await beginRuns(stage, url, RUNS, WORKER)
  const { server, address } = await beginServer(stage, url)
  const audience = await Audience.gather(stage, address, runs.map(pathOf))
  const client = await stage.connect(url)
  const stop = new AbortController()
  const streams = runs.map((run) => address + pathOf(run))
  const others = [
    comeAndGo(await stage.connect(url), streams, stop.signal),
    order(worker, { rate: RUNS, count: Math.ceil(RUNS * 60 * minutes) }),
  ]
  const samples = await sampleFor(minutes, { worker, server, audience, client })
  stop.abort()
  await Promise.all(others)
  yield* tell(name, samples.slice(Math.floor(samples.length * WARM_UP)))
}

async function sampleFor(minutes: number, sampled: Sampled): Promise<Sample[]> {
  const samples: Sample[] = []
  const began = performance.now()
  for (let minute = 0; minute < minutes; minute = (performance.now() - began) / 60_000) {
    await sleep(SAMPLE_S * 1_000)
    samples.push(await takeSample(sampled, minute))
  }
  return samples
}

function* tell(name: string, samples: Sample[]): Generator<Measurement> {
  let growing = 0
  for (const key of KEYS) {
    const [grows, stands] = [growth(samples, key), level(samples, key)]
    if (grows > stands * FLAT) growing += 1
    yield measured(`${name}/${key}`, stands, UNITS[key])
    yield measured(`${name}/${key}/growth`, grows, `${UNITS[key]} a minute`)
  }
  yield measured(`${name}/p99`, level(samples, 'p99'), 'ms')
  yield measured(`${name}/growing`, growing, `of ${KEYS.length}`)
}
