/** A worker with many runs, whose handlers all report repeatedly for a while. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startWorker } from '../../worker/start.ts'
import { standing } from '../live/standing.ts'
import { median } from '../measurement.ts'

const [databaseUrl = '', runs = ''] = process.argv.slice(2)
const concurrency = Number(runs)
const { workflow, steps } = standing(concurrency)

/** The milliseconds between two reports of a step, and for how long it reports. */
export interface Pace {
  every: number
  seconds: number
}

/**
 * How many calls were made, and the time of one: the median of all turns, since other processes interrupt some of them.
 */
export interface Made {
  calls: number
  callNs: number
}

/** Lets every handler report in turn, then gives time to others. */
async function reportAt({ every, seconds }: Pace): Promise<Made> {
  const deadline = performance.now() + seconds * 1_000
  let calls = 0
  const turns: number[] = []
  while (performance.now() < deadline) {
    const began = performance.now()
    for (const step of steps) step.report(1, String(calls++))
    turns.push(performance.now() - began)
    await sleep(every)
  }
  return { calls, callNs: (median(turns) / steps.length) * 1e6 }
}

process.on('disconnect', () => process.exit())
process.on('message', async (pace: Pace) => process.send?.(await reportAt(pace)))
await startWorker({ workflows: [workflow], databaseUrl, concurrency })
process.send?.('ready')
