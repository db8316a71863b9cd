/** A worker whose hundred handlers report when they are told to. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { StepContext } from '../../worker/context.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'

const [databaseUrl = '', runs = '100'] = process.argv.slice(2)
const SETTLE_MS = 500

const handlers: StepContext<unknown, object>[] = []
const bench = workflow('bench').step('work', async (ctx) => {
  handlers.push(ctx)
  await new Promise((_, reject) => ctx.signal.addEventListener('abort', reject))
})

/** Reports at a steady rate: what is due by now is said now, so that a late timer does not lower the rate. */
async function reportSteadily(rate: number, count: number): Promise<void> {
  const began = performance.now()
  for (let said = 0; said < count; ) {
    const due = Math.min(count, Math.floor(((performance.now() - began) / 1_000) * rate) + 1)
    for (; said < due; said++) handlers[said % handlers.length]?.report(1, String(process.hrtime.bigint()))
    await sleep(1)
  }
  await sleep(SETTLE_MS)
}

process.on('disconnect', () => process.exit())
process.on('message', async ({ rate, count }: { rate: number; count: number }) => {
  await reportSteadily(rate, count)
  process.send?.('done')
})
await startWorker({ workflows: [bench], databaseUrl, concurrency: Number(runs) })
process.send?.('ready')
