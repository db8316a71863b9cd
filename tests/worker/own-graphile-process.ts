/** An application with a Graphile Worker of its own that has Stepcast's tasks. Arguments: database, `hang` or `work`. */
import { run } from 'graphile-worker'
import { taskList } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'

process.on('disconnect', () => process.exit())
const [databaseUrl = '', does] = process.argv.slice(2)
const shared = workflow('shared_with_app').step('work', async () => {
  if (does !== 'hang') return 'done by another'
  process.send?.('inside')
  return new Promise((resolve) => setTimeout(resolve, 60_000, 'too late'))
})
const stepcast = await taskList([shared], { databaseUrl })
await run({ connectionString: databaseUrl, schema: 'jobs_of_mine', noHandleSignals: true, taskList: stepcast.taskList })
process.send?.('ready')
