import type { ChildProcess } from 'node:child_process'
import { Audience } from '../live/audience.ts'
import { demandFiles } from '../live/files.ts'
import { beginRuns, beginServer, order, pathOf } from '../live/stepcast.ts'
import { createDatabase } from '../load/databases.ts'
import { SLOW_DISK } from '../load/slow-disk.ts'
import { compared, comparedLess, type Measurement, measured, median } from '../measurement.ts'
import { orMissing } from '../peer.ts'
import type { Options } from '../run.ts'
import { Stage } from '../stage.ts'
import { Announcements } from './announcements.ts'
import { drive, prepare, type Share } from './pgbench.ts'

const RUNS = 1_000
/** So many, because the p99 of a round is that of ten transactions, which a busy disk or a busy host decides. */
const ROUNDS = 9
const CHECK_MS = 2_000
const CLIENT_PROCESSES = 2
/** The load beside the neighbour. */
const LOADS = ['announced', 'silent', 'none'] as const
type Load = (typeof LOADS)[number]

/**
 * How much of its performance an unrelated pgbench in the same cluster keeps, compared with the same load without
 * announcements.
 */
export async function* neighbour(options: Options): AsyncGenerator<Measurement> {
  yield* measureOn('neighbour', {}, options)
}

export async function* neighbourOnSlowDisk(options: Options): AsyncGenerator<Measurement> {
  yield* measureOn('neighbour/slow-disk', SLOW_DISK, options)
}

async function* measureOn(
  name: string,
  settings: Record<string, number>,
  { seconds, watchers: most }: Options,
): AsyncGenerator<Measurement> {
  const watchers = most / 2
  await demandFiles(watchers)
  await using stage = await Stage.open()
  const cluster = await stage.postgres(settings)
  const theirs = await createDatabase(cluster)
  if ((await orMissing(prepare(theirs).then(() => true))) === null) return
  const ours = await createDatabase(cluster)
  const { worker, runs } = await beginRuns(stage, ours, RUNS)
  const { address } = await beginServer(stage, ours)
  const paths = Array.from({ length: watchers }, (_, n) => pathOf(runs[n % RUNS] ?? ''))
  const audience = await Audience.gather(stage, address, paths, CLIENT_PROCESSES)
  const announcements = await Announcements.of(await stage.connect(ours))
  yield* tell(name, await alternate(theirs, { worker, audience, announcements }, seconds))
}

interface Ours {
  worker: ChildProcess
  audience: Audience
  announcements: Announcements
}

async function alternate(theirs: string, ours: Ours, seconds: number): Promise<Record<Load, Share[]>> {
  const shares: Record<Load, Share[]> = { announced: [], silent: [], none: [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const load of LOADS) shares[load].push(await measureBeside(load, theirs, ours, seconds))
  }
  return shares
}

/** Measures while every run reports once a second, each at its own moment; or while nothing reports. */
async function measureBeside(
  load: Load,
  theirs: string,
  { worker, audience, announcements }: Ours,
  seconds: number,
): Promise<Share> {
  if (load === 'none') return drive(theirs, seconds)
  await announcements.switch(load === 'announced')
  const ticking = order(worker, { rate: RUNS, count: RUNS * (seconds + CHECK_MS / 1_000 + 1) })
  await announcements.check(load === 'announced', CHECK_MS)
  const share = await drive(theirs, seconds)
  await ticking
  await audience.take()
  return share
}

function* tell(name: string, shares: Record<Load, Share[]>): Generator<Measurement> {
  const medianOf = (load: Load, key: keyof Share) => median(shares[load].map((share) => share[key]))
  const kept = (beside: Load) =>
    Math.min(
      medianOf('announced', 'rate') / medianOf(beside, 'rate'),
      medianOf(beside, 'p99') / medianOf('announced', 'p99'),
    )
  const others = (key: keyof Share) => ({
    'announcements off': medianOf('silent', key),
    'no load of ours': medianOf('none', key),
  })
  yield measured(name, kept('silent'), 'kept share')
  yield measured(`${name}/raw`, kept('none'), 'kept share')
  yield compared(`${name}/rate`, medianOf('announced', 'rate'), 'tps', others('rate'))
  yield comparedLess(`${name}/p99`, medianOf('announced', 'p99'), 'ms', others('p99'))
}
