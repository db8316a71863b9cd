/** A worker of many runs whose handlers report as much as they can for a while. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startWorker } from '../../worker/start.ts'
import { standing } from '../live/standing.ts'

const [databaseUrl = '', runs = ''] = process.argv.slice(2)
const concurrency = Number(runs)
const { workflow, steps } = standing(concurrency)

/** Every handler in turn, then a millisecond for others; answers with the calls that were made and the time in them. */
async function flood(seconds: number): Promise<{ calls: number; callsMs: number }> {
  const deadline = performance.now() + seconds * 1_000
  let calls = 0
  let callsMs = 0
  while (performance.now() < deadline) {
    const began = performance.now()
    for (const step of steps) step.report(1, String(calls++))
    callsMs += performance.now() - began
    await sleep(1)
  }
  return { calls, callsMs }
}

process.on('disconnect', () => process.exit())
process.on('message', async (seconds: number) => process.send?.(await flood(seconds)))
await startWorker({ workflows: [workflow], databaseUrl, concurrency })
process.send?.('ready')
