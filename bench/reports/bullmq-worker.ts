/** A BullMQ worker with many jobs that report as much as they can for a while, with this many reports in flight. */
import { type Job, loadBullmq, loadRedis } from '../bullmq.ts'

const [backend = '', store = '', runs = '', inFlight = ''] = process.argv.slice(2)
const { Worker, createPostgresBackend } = loadBullmq()
const jobs: Job[] = []

async function begin(job: Job): Promise<void> {
  jobs.push(job)
  if (jobs.length === Number(runs)) process.send?.('all began')
  await new Promise(() => {})
}

/** Returns the number of reports that were made. */
async function flood(report: (job: Job, message: string) => Promise<unknown>, seconds: number): Promise<number> {
  const deadline = performance.now() + seconds * 1_000
  let begun = 0
  const handler = async () => {
    while (performance.now() < deadline) {
      const job = jobs[begun % jobs.length]
      if (job) await report(job, String(begun++))
    }
  }
  await Promise.all(Array.from({ length: Number(inFlight) }, handler))
  return begun
}

async function start(): Promise<(job: Job, message: string) => Promise<unknown>> {
  const concurrency = Number(runs)
  if (backend === 'postgres') {
    const connection = { connectionString: store, max: Number(inFlight) }
    await new Worker('bench', begin, { connection, concurrency }, createPostgresBackend).waitUntilReady()
    return (job, message) => job.updateProgress({ progress: 1, message })
  }
  const Redis = loadRedis()
  const connection = { host: '127.0.0.1', port: Number(store) }
  const redis = new Redis(connection)
  await new Worker('bench', begin, { connection, concurrency }).waitUntilReady()
  return async (job, message) => {
    await job.updateProgress({ progress: 1, message })
    await redis.publish(`run ${job.id}`, JSON.stringify({ progress: 1, message }))
  }
}

process.on('disconnect', () => process.exit())
const report = await start()
process.on('message', async (seconds: number) => process.send?.(await flood(report, seconds)))
process.send?.('ready')
