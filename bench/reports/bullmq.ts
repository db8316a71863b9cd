import { loadBullmq, loadRedis, type Queue } from '../bullmq.ts'
import { hear, hearWord } from '../live/hear.ts'
import { createDatabase } from '../load/databases.ts'
import type { Stage } from '../stage.ts'
import type { Contender } from './reports.ts'

/** How many reports are in flight at the same time. */
const IN_FLIGHT = { redis: 200, postgres: 50 }

/** Reports by updateProgress, then a publish. */
export async function beginOnRedis(stage: Stage, jobs: number): Promise<Contender> {
  const { Queue } = loadBullmq()
  loadRedis()
  const port = await stage.redis()
  const queue = new Queue('bench', { connection: { host: '127.0.0.1', port } })
  return { name: 'BullMQ on Redis', persist: await begin(stage, queue, jobs, 'redis', String(port)) }
}

/** Reports by updateProgress, which publishes on this backend. */
export async function beginOnPostgres(stage: Stage, server: string, jobs: number): Promise<Contender> {
  const { Queue, createPostgresBackend } = loadBullmq()
  const url = await createDatabase(server)
  const connection = { connectionString: url, max: IN_FLIGHT.postgres, migrate: true }
  const queue = new Queue('bench', { connection }, createPostgresBackend)
  return { name: 'BullMQ on Postgres', persist: await begin(stage, queue, jobs, 'postgres', url) }
}

async function begin(
  stage: Stage,
  queue: Queue,
  jobs: number,
  backend: keyof typeof IN_FLIGHT,
  store: string,
): Promise<Contender['persist']> {
  await queue.waitUntilReady()
  const script = new URL('./bullmq-worker.ts', import.meta.url)
  const { child } = await stage.fork(script, backend, store, String(jobs), String(IN_FLIGHT[backend]))
  const begun = hearWord(child, 'all began')
  await queue.addBulk(Array.from({ length: jobs }, () => ({ name: 'run', data: {} })))
  await begun
  await queue.close()
  return async (seconds) => {
    const began = performance.now()
    const made = hear(child, (message): message is number => typeof message === 'number')
    child.send(seconds)
    return ((await made) / (performance.now() - began)) * 1_000
  }
}
