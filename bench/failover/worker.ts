/** A worker whose step reports that it has begun, and runs until it is told to end. */
import { EventEmitter, once } from 'node:events'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'

const BLOCK_MS = 60_000

const [databaseUrl = ''] = process.argv.slice(2)
const told = new EventEmitter()
const bench = workflow('bench').step('work', async ({ run, signal }) => {
  process.send?.({ key: run.key, at: Number(process.hrtime.bigint()) / 1e6 })
  await once(told, run.key ?? '', { signal })
})

function block(): void {
  const until = Date.now() + BLOCK_MS
  while (Date.now() < until);
}

process.on('disconnect', () => process.exit())
process.on('message', (message: string) => (message === 'block' ? block() : told.emit(message)))
await startWorker({ workflows: [bench], databaseUrl })
process.send?.('ready')
