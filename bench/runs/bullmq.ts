import { loadBullmq, type Queue } from '../bullmq.ts'
import { createDatabase } from '../load/databases.ts'
import { AT_ONCE, type Contender, type Session } from '../load/load.ts'
import { kill, type Stage } from '../stage.ts'

const RUN = { steps: 6 }

/** One job per run; each step's start and end is an updateProgress and a publish. Nothing is written to disk. */
export function bullmqOnRedis(): Contender {
  return {
    name: 'BullMQ on Redis',
    begin: async (stage) => {
      const { Queue } = loadBullmq()
      const port = await stage.redis()
      const connection = { host: '127.0.0.1', port }
      return begin(stage, new Queue('bench', { connection }), 'redis', String(port))
    },
  }
}

/** The same on BullMQ's own Postgres backend, whose updateProgress also publishes. */
export function bullmqOnPostgres(server: string): Contender {
  return {
    name: 'BullMQ on Postgres',
    begin: async (stage) => {
      const { Queue, createPostgresBackend } = loadBullmq()
      const url = await createDatabase(server)
      const connection = { connectionString: url, max: AT_ONCE, migrate: true }
      return begin(stage, new Queue('bench', { connection }, createPostgresBackend), 'postgres', url)
    },
  }
}

async function begin(stage: Stage, queue: Queue, backend: string, store: string): Promise<Session> {
  await queue.waitUntilReady()
  const { child } = await stage.fork(new URL('./bullmq-worker.ts', import.meta.url), backend, store)
  return {
    start: () => queue.add('run', RUN),
    isBusy: async () => (await queue.getJobCountByTypes('waiting', 'active', 'prioritized')) > 0,
    countCompleted: () => queue.getJobCountByTypes('completed'),
    end: stage.defer(async () => {
      await queue.close()
      await kill(child)
    }),
  }
}
