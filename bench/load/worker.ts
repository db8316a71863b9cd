/** A worker with a workflow of six steps that do nothing. */
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { AT_ONCE } from './load.ts'

const [databaseUrl = ''] = process.argv.slice(2)
const nothing = () => {}
const bench = workflow('bench')
  .step('one', nothing)
  .step('two', nothing)
  .step('three', nothing)
  .step('four', nothing)
  .step('five', nothing)
  .step('six', nothing)

process.on('disconnect', () => process.exit())
await startWorker({ workflows: [bench], databaseUrl, concurrency: AT_ONCE })
process.send?.('ready')
