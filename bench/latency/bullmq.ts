import { loadBullmq, loadRedis } from '../bullmq.ts'
import { Audience } from '../live/audience.ts'
import { hearWord } from '../live/hear.ts'
import type { Stage } from '../stage.ts'
import type { Contender } from './latency.ts'

/**
 * BullMQ on Redis as a team would write it: a worker that publishes and a server that subscribes, each in a process of
 * its own.
 */
export async function beginBullmq(stage: Stage, runs: number): Promise<Contender> {
  const { Queue } = loadBullmq()
  loadRedis()
  const port = await stage.redis()
  const worker = await stage.fork(new URL('./bullmq-worker.ts', import.meta.url), String(port), String(runs))
  const begun = hearWord(worker.child, 'all began')
  const queue = new Queue('bench', { connection: { host: '127.0.0.1', port } })
  const jobs = await queue.addBulk(Array.from({ length: runs }, (_, n) => ({ name: 'run', data: { n } })))
  await begun
  await queue.close()
  const server = await stage.fork(new URL('./bullmq-server.ts', import.meta.url), String(port))
  const paths = jobs.map(({ id }) => `/runs/${id}/events`)
  const audience = await Audience.gather(stage, server.message, paths)
  return { name: 'BullMQ + Redis', worker: worker.child, audience }
}
