import { once } from 'node:events'
import { migrate } from '../../db/migrate.ts'
import { type Measurement, measured, percentile } from '../measurement.ts'
import { Stage } from '../stage.ts'

const WARM_UP_RUNS = 5
const RUNS = 30

/** Measures the time from a step's end to the start of its successor's handler, one run at a time. */
export async function* chain(): AsyncGenerator<Measurement> {
  await using stage = await Stage.open()
  const url = await stage.postgres()
  await migrate(url)
  const { child } = await stage.fork(new URL('./worker.ts', import.meta.url), url)
  const client = await stage.connect(url)
  const gaps: number[] = []
  for (let run = 0; run < WARM_UP_RUNS + RUNS; run++) {
    const ended = once(child, 'message')
    await client.query(`select stepcast.start_run('bench')`)
    const [taken] = (await ended) as [number[]]
    if (run >= WARM_UP_RUNS) gaps.push(...taken)
  }
  gaps.sort((a, b) => a - b)
  yield measured('chain/p50', percentile(gaps, 0.5), 'ms')
  yield measured('chain/p99', percentile(gaps, 0.99), 'ms')
}
