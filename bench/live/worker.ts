/** A worker with many runs, whose handlers report when they are told to. */
import { startWorker } from '../../worker/start.ts'
import { standing } from './standing.ts'
import { reportAsOrdered } from './steadily.ts'
import { answerUsage } from './usage.ts'

const [databaseUrl = '', runs = ''] = process.argv.slice(2)
const concurrency = Number(runs)
const { workflow, steps } = standing(concurrency)

process.on('disconnect', () => process.exit())
reportAsOrdered((turn, stamp) => steps[turn % steps.length]?.report(1, stamp))
answerUsage()
await startWorker({ workflows: [workflow], databaseUrl, concurrency })
process.send?.('ready')
