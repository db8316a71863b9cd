/** A worker of many runs whose handlers all report again and again for a while. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startWorker } from '../../worker/start.ts'
import { standing } from '../live/standing.ts'
import { median } from '../measurement.ts'

const [databaseUrl = '', runs = ''] = process.argv.slice(2)
const concurrency = Number(runs)
const { workflow, steps } = standing(concurrency)

/** Milliseconds from one report of a step to its next, and how long it goes on. */
export interface Pace {
  every: number
  seconds: number
}

/** How many calls were made, and what one of them took: the median of turns, since other processes interrupt some. */
export interface Made {
  calls: number
  callNs: number
}

/** Every handler in turn, then time for others. */
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
