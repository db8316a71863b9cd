/** A BullMQ worker of many jobs, which report when they are told to: updateProgress, which is awaited, then a publish. */
import { reportAsOrdered } from '../live/steadily.ts'
import { loadPeer } from '../peer.ts'

interface Job {
  id: string
  updateProgress(progress: object): Promise<void>
}

interface BullMq {
  Worker: new (
    name: string,
    processor: (job: Job) => Promise<void>,
    options: object,
  ) => { waitUntilReady(): Promise<unknown> }
}

interface IoRedis {
  Redis: new (options: object) => { publish(channel: string, message: string): Promise<number> }
}

const [port = '', runs = ''] = process.argv.slice(2)
const { Worker } = loadPeer<BullMq>('bullmq')
const { Redis } = loadPeer<IoRedis>('ioredis')
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
