/** A worker process with a workflow that kills it, and one that takes its time. Argument: database. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'

const poison = workflow('poison').step('die', async () => {
  await sleep(100)
  process.kill(process.pid, 'SIGKILL')
  await sleep(1_000)
})
/** Long enough to be there when the other one kills, and too long to get on in between. */
const innocent = workflow('innocent').step('work', () => sleep(2_000))

process.on('disconnect', () => process.exit())
const worker = await startWorker({ workflows: [poison, innocent], databaseUrl: process.argv[2] ?? '' })
worker.done.catch(() => process.exit(7))
