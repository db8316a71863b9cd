/** Run by `npm run bench`: the named benchmarks, or all. */
import { parseArgs } from 'node:util'
import { chain } from './chain/chain.ts'
import { failover } from './failover/failover.ts'
import { fanout } from './fanout/fanout.ts'
import { history } from './history/history.ts'
import { latency, latencyHeld } from './latency/latency.ts'
import { type Measurement, print } from './measurement.ts'
import { neighbour, neighbourOnSlowDisk } from './neighbour/neighbour.ts'
import { reports, reportsHeld } from './reports/reports.ts'
import { runs } from './runs/runs.ts'
import { scroll } from './scroll/scroll.ts'
import { soak, soakHeld } from './soak/soak.ts'
import { Stage } from './stage.ts'

export interface Options {
  /** How many finished runs `history` puts into the tables. */
  size: number
  /** The length of a round of the live path's benchmarks, in whole seconds. */
  seconds: number
  /** The watchers of `fanout`; `neighbour` has half as many. */
  watchers: number
  /** The length of `soak`. */
  minutes: number
}

const BENCHMARKS: Record<string, (options: Options) => AsyncIterable<Measurement>> = {
  latency,
  'latency/held': latencyHeld,
  reports,
  'reports/held': reportsHeld,
  fanout,
  neighbour,
  'neighbour/slow-disk': neighbourOnSlowDisk,
  soak,
  'soak/held': soakHeld,
  chain,
  runs,
  failover,
  scroll,
  history,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    size: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '5' },
    watchers: { type: 'string', default: '10000' },
    minutes: { type: 'string', default: '10' },
  },
})
const unknown = positionals.filter((name) => !Object.keys(BENCHMARKS).some((benchmark) => isPartOf(benchmark, name)))
if (unknown.length > 0) fail(`No benchmark ${unknown.join(', ')}. There are: ${Object.keys(BENCHMARKS).join(', ')}.`)
const size = Number(values.size)
if (!Number.isInteger(size) || size < 2_000) fail(`--size ${values.size}: it must be a whole number, at least 2000.`)

const seconds = Number(values.seconds)
if (!(Number.isInteger(seconds) && seconds > 0)) fail(`--seconds ${values.seconds}: it must be a whole number above 0.`)
const watchers = Number(values.watchers)
if (!(watchers > 0 && watchers % 100 === 0)) fail(`--watchers ${values.watchers}: it must be a multiple of 100.`)
const minutes = Number(values.minutes)
if (!(minutes > 0)) fail(`--minutes ${values.minutes}: it must be a number above 0.`)

let stopped = false
for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const]) {
  process.once(signal, async () => {
    stopped = true
    await Stage.endAll().finally(() => process.exit(code))
  })
}

try {
  for (const [name, measure] of Object.entries(BENCHMARKS)) {
    if (positionals.length > 0 && !positionals.some((wanted) => isPartOf(name, wanted))) continue
    for await (const measurement of measure({ size, seconds, watchers, minutes })) print(measurement, values.json)
  }
} catch (error) {
  // A benchmark that is stopped fails: that is to be expected.
  if (!stopped) throw error
}

/** `latency` includes `latency/held`. */
function isPartOf(name: string, wanted: string): boolean {
  return name === wanted || name.startsWith(`${wanted}/`)
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}
