/** A worker process with a handler that never gives the event loop back at its first try. Argument: database. */
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'

export const BLOCKING_MS = 13_000

export const blocking = workflow('blocking').step('work', async ({ attempt }) => {
  if (attempt === 1) {
    process.send?.('inside')
    // Let the word out first.
    await new Promise((resolve) => setTimeout(resolve, 50))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCKING_MS)
  }
  return `attempt ${attempt}`
})

if (process.argv[1] === new URL(import.meta.url).pathname) {
  process.on('disconnect', () => process.exit())
  const worker = await startWorker({ workflows: [blocking], databaseUrl: process.argv[2] ?? '' })
  worker.done.catch(() => process.exit(7))
  process.send?.('ready')
}
