/** What `npm run bench` runs: the named benchmarks, or all. */
import { parseArgs } from 'node:util'
import { chain } from './chain/chain.ts'
import { failover } from './failover/failover.ts'
import { history } from './history/history.ts'
import { latency } from './latency/latency.ts'
import { type Measurement, print } from './measurement.ts'
import { runs } from './runs/runs.ts'
import { Stage } from './stage.ts'

export interface Options {
  /** Finished runs that `history` puts into the tables. */
  size: number
}

const BENCHMARKS: Record<string, (options: Options) => AsyncIterable<Measurement>> = {
  latency,
  chain,
  runs,
  failover,
  history,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, size: { type: 'string', default: '1000000' } },
})
const unknown = positionals.filter((name) => !(name in BENCHMARKS))
if (unknown.length > 0) fail(`No benchmark ${unknown.join(', ')}. There are: ${Object.keys(BENCHMARKS).join(', ')}.`)
const size = Number(values.size)
if (!Number.isInteger(size) || size < 2_000) fail(`--size ${values.size}: it must be a whole number, at least 2000.`)

let stopped = false
for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const]) {
  process.once(signal, async () => {
    stopped = true
    await Stage.endAll().finally(() => process.exit(code))
  })
}

try {
  for (const [name, measure] of Object.entries(BENCHMARKS)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue
    for await (const measurement of measure({ size })) print(measurement, values.json)
  }
} catch (error) {
  // What is stopped in the midst of it fails: that is no news.
  if (!stopped) throw error
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}
