import { demandFiles } from '../live/files.ts'
import { order } from '../live/stepcast.ts'
import { askUsage } from '../live/usage.ts'
import { comparedLess, type Measurement, measured, median, percentile } from '../measurement.ts'
import type { Options } from '../run.ts'
import { Stage } from '../stage.ts'
import { bare, begin, type Contender, ours } from './contender.ts'

const ROUNDS = 3
const RATE = 100
/** Whether all reports of a second are made at the same moment, or each at its own. */
const BUNCHES = { fanout: 1, 'fanout/together': RATE }
const KB = 1_024
const BARE = 'bare node:http'

/** Many watchers of a hundred runs on one server process, compared with a bare loop that writes the same bytes. */
export async function* fanout({ seconds, watchers }: Options): AsyncGenerator<Measurement> {
  await demandFiles(watchers)
  await using stage = await Stage.open()
  const cluster = await stage.postgres()
  const contenders = [await begin(stage, cluster, watchers, ours), await begin(stage, cluster, watchers, bare)] as const
  for (const [name, bunch] of Object.entries(BUNCHES)) yield* measure(name, contenders, bunch, seconds, watchers / RATE)
  yield* memory(contenders, watchers)
}

/** The results of one server in one round. */
interface Round {
  p50: number
  p99: number
  /** The longest time that its event loop stood still. */
  stall: number
  missing: number
}

async function* measure(
  name: string,
  contenders: readonly [Contender, Contender],
  bunch: number,
  seconds: number,
  watchersOfRun: number,
): AsyncGenerator<Measurement> {
  const rounds = contenders.map((): Round[] => [])
  for (let round = 0; round < ROUNDS; round++) {
    for (const [place, contender] of contenders.entries()) {
      rounds[place]?.push(await measureRound(contender, bunch, seconds, watchersOfRun))
    }
  }
  const [mine = [], theirs = []] = rounds
  const compare = (key: keyof Round) => {
    const medianOf = (taken: Round[]) => median(taken.map((round) => round[key]))
    return comparedLess(`${name}/${key}`, medianOf(mine), 'ms', { [BARE]: medianOf(theirs) })
  }
  for (const key of ['p50', 'p99', 'stall'] as const) yield compare(key)
  const missing = mine.reduce((sum, round) => sum + round.missing, 0)
  if (missing > 0) yield measured(`${name}/overtaken`, missing, 'deliveries')
}

async function measureRound(
  { worker, server, audience }: Contender,
  bunch: number,
  seconds: number,
  watchersOfRun: number,
): Promise<Round> {
  await order(worker, { rate: RATE, bunch, count: RATE })
  await audience.take()
  await askUsage(server)
  const count = Math.ceil(seconds) * RATE
  await order(worker, { rate: RATE, bunch, count })
  const latencies = await audience.take()
  const { stall } = await askUsage(server)
  return {
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    stall,
    missing: Math.round(count * watchersOfRun - latencies.length),
  }
}

/** The memory of a server process per watcher. */
async function* memory(contenders: readonly [Contender, Contender], watchers: number): AsyncGenerator<Measurement> {
  const [mine, theirs] = await Promise.all(
    contenders.map(async ({ server, empty }) => {
      const { rss, heap } = await askUsage(server)
      return { rss: (rss - empty.rss) / watchers / KB, heap: (heap - empty.heap) / watchers / KB }
    }),
  )
  for (const key of ['rss', 'heap'] as const) {
    yield comparedLess(`fanout/memory/${key}`, mine?.[key] ?? NaN, 'KB', { [BARE]: theirs?.[key] ?? NaN })
  }
}
