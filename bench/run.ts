/** What `npm run bench` runs: the named benchmarks, or all. */
import { parseArgs } from 'node:util'
import { latency } from './latency/latency.ts'
import { type Measurement, print } from './measurement.ts'

const BENCHMARKS: Record<string, () => AsyncIterable<Measurement>> = { latency }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
})
const unknown = positionals.filter((name) => !(name in BENCHMARKS))
if (unknown.length > 0) {
  process.stderr.write(`No benchmark ${unknown.join(', ')}. There are: ${Object.keys(BENCHMARKS).join(', ')}.\n`)
  process.exit(2)
}
for (const [name, measure] of Object.entries(BENCHMARKS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  for await (const measurement of measure()) print(measurement, values.json)
}
