/** A BullMQ worker whose jobs have six steps that do nothing, reported as a team would write it. */
import { AT_ONCE, STEPS } from '../load/load.ts'
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
    backend?: unknown,
  ) => { waitUntilReady(): Promise<unknown> }
  createPostgresBackend: unknown
}

interface IoRedis {
  Redis: new (options: object) => { publish(channel: string, message: string): Promise<number> }
}

const [backend = '', store = ''] = process.argv.slice(2)

async function startOnRedis(): Promise<void> {
  const { Worker } = loadPeer<BullMq>('bullmq')
  const { Redis } = loadPeer<IoRedis>('ioredis')
  const connection = { host: '127.0.0.1', port: Number(store) }
  const redis = new Redis(connection)
  const report = async (job: Job, step: string, status: string) => {
    await job.updateProgress({ step, status })
    await redis.publish(`run ${job.id}`, JSON.stringify({ step, status }))
  }
  await new Worker('bench', (job) => run(job, report), { connection, concurrency: AT_ONCE }).waitUntilReady()
}

async function startOnPostgres(): Promise<void> {
  const { Worker, createPostgresBackend } = loadPeer<BullMq>('bullmq')
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
