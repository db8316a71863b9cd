/**
 * A BullMQ worker with many jobs that report when they are told to: updateProgress, which is awaited, then a publish.
 */
import { type Job, loadBullmq, loadRedis } from '../bullmq.ts'
import { reportAsOrdered } from '../live/steadily.ts'

const [port = '', runs = ''] = process.argv.slice(2)
const { Worker } = loadBullmq()
const Redis = loadRedis()
const connection = { host: '127.0.0.1', port: Number(port) }
const redis = new Redis(connection)
const jobs: Job[] = []

async function begin(job: Job): Promise<void> {
  jobs.push(job)
  if (jobs.length === Number(runs)) process.send?.('all began')
  await new Promise(() => {})
}

async function report(job: Job, progress: object): Promise<void> {
  await job.updateProgress(progress)
  await redis.publish(`run ${job.id}`, JSON.stringify(progress))
}

process.on('disconnect', () => process.exit())
reportAsOrdered((turn, message) => {
  const job = jobs[turn % jobs.length]
  if (job) report(job, { step: 'work', progress: 1, message })
})
await new Worker('bench', begin, { connection, concurrency: Number(runs) }).waitUntilReady()
process.send?.('ready')
