/** A worker with runs that stay and report when they are told to, and with others that come and go. */
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { standing } from '../live/standing.ts'
import { reportAsOrdered } from '../live/steadily.ts'
import { answerUsage } from '../live/usage.ts'

/** Places for the runs that come and go. */
const SPARE = 50

const [databaseUrl = '', runs = ''] = process.argv.slice(2)
const { workflow: bench, steps } = standing(Number(runs))
const passing = workflow('passing')
  .step('first', async (ctx) => {
    ctx.log('It has begun.')
    await ctx.substep('part', (sub) => sub.report(50, 'Half of it'))
  })
  .step('second', async (ctx) => {
    await ctx.tx.query('select 1')
    ctx.log('It is done.')
  })

process.on('disconnect', () => process.exit())
reportAsOrdered((turn, stamp) => steps[turn % steps.length]?.report(1, stamp))
answerUsage()
await startWorker({ workflows: [bench, passing], databaseUrl, concurrency: Number(runs) + SPARE })
process.send?.('ready')
