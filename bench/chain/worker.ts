/** A worker with one long chain; each run's last step sends the times between the steps. */
import { startWorker } from '../../worker/start.ts'
import { type Workflow, workflow } from '../../worker/workflow.ts'

const STEPS = 20

const [databaseUrl = ''] = process.argv.slice(2)
let gaps: number[] = []
let ended = 0

let chain: Workflow = workflow('bench')
for (let step = 1; step <= STEPS; step++) {
  chain = chain.step(`step ${step}`, () => {
    if (step > 1) gaps.push(performance.now() - ended)
    if (step === STEPS) {
      process.send?.(gaps)
      gaps = []
    }
    ended = performance.now()
  })
}

process.on('disconnect', () => process.exit())
await startWorker({ workflows: [chain], databaseUrl })
process.send?.('ready')
