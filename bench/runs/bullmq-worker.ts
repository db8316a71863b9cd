/** A BullMQ worker whose jobs have six steps that do nothing, with reports as a team would write them. */
import { type Job, loadBullmq, loadRedis } from '../bullmq.ts'
import { AT_ONCE, STEPS } from '../load/load.ts'

const [backend = '', store = ''] = process.argv.slice(2)

async function startOnRedis(): Promise<void> {
  const { Worker } = loadBullmq()
  const Redis = loadRedis()
  const connection = { host: '127.0.0.1', port: Number(store) }
  const redis = new Redis(connection)
  const report = async (job: Job, step: string, status: string) => {
    await job.updateProgress({ step, status })
    await redis.publish(`run ${job.id}`, JSON.stringify({ step, status }))
  }
  await new Worker('bench', (job) => run(job, report), { connection, concurrency: AT_ONCE }).waitUntilReady()
}

async function startOnPostgres(): Promise<void> {
  const { Worker, createPostgresBackend } = loadBullmq()
  const connection = { connectionString: store, max: AT_ONCE }
  const report = (job: Job, step: string, status: string) => job.updateProgress({ step, status })
  const options = { connection, concurrency: AT_ONCE }
  await new Worker('bench', (job) => run(job, report), options, createPostgresBackend).waitUntilReady()
}

async function run(job: Job, report: (job: Job, step: string, status: string) => Promise<void>): Promise<void> {
  for (const step of STEPS) {
    await report(job, step, 'running')
    await report(job, step, 'completed')
  }
}

process.on('disconnect', () => process.exit())
await (backend === 'redis' ? startOnRedis() : startOnPostgres())
process.send?.('ready')
