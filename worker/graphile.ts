import { Logger as GraphileLogger, parseCronItems, type Runner, run } from 'graphile-worker'
import pg from 'pg'
import { BoundedClient } from '../db/connect.ts'
import type { Logger } from '../db/logger.ts'
import { withOwnSettings } from '../db/pooled.ts'
import { graphileSchema } from '../db/workers.ts'
import type { WorkerServices } from './job.ts'
import { KEEP_ALIVE_MS } from './pools.ts'
import { type CronOptions, cronFor, tasksFor } from './tasks.ts'
import type { Workflow } from './workflow.ts'

export interface GraphileOptions extends CronOptions {
  connectionString: string
  applicationName: string
  workflows: readonly Workflow[]
  /** How many jobs run at the same time. */
  concurrency: number
}

/** How late a retry's wait may end: Graphile is notified of new jobs at once, but polls for due ones this often. */
const POLL_MS = 1_000

/**
 * How long jobs that were fetched in a batch may wait here for an earlier job to end; then other workers may take them.
 */
const HOARD_MS = 100

/** Graphile's levels as ours. Its `info` reports every job, which we log ourselves. */
const LEVELS: Record<string, 'warn' | 'error'> = { warning: 'warn', error: 'error' }

/**
 * Starts Graphile Worker on the runs of some workflows. It fetches and completes jobs in batches, and waits for the
 * disk with neither: a job is a hint, the lease decides, so a job that is given twice or kept too long does nothing.
 */
export async function startGraphile(services: WorkerServices, options: GraphileOptions): Promise<Runner> {
  const url = URL.parse(withOwnSettings(options.connectionString, { synchronous_commit: 'off' }))
  // The error that URL itself throws would put the password into a log.
  if (!url) throw new TypeError('listenUrl must be a URL such as postgres://user@host/database')
  url.searchParams.set('application_name', options.applicationName)
  const pool = openPool(url, options.concurrency + 1, services.logger)
  const running = run({
    pgPool: pool,
    schema: await graphileSchema(services.db),
    taskList: tasksFor(services, options.workflows, options),
    concurrency: options.concurrency,
    pollInterval: POLL_MS,
    preset: {
      worker: {
        localQueue: { size: options.concurrency, ttl: HOARD_MS },
        completeJobBatchDelay: 0,
        // Otherwise Graphile does not await this write, and a connection that has been ended would end the process.
        failJobBatchDelay: 0,
      },
    },
    // Without this it would read the crontab file of the folder it was started in.
    parsedCronItems: parseCronItems(cronFor(options)),
    noHandleSignals: true,
    logger: new GraphileLogger(() => (level, message, meta) => {
      // While it stops, it reports jobs that it had fetched but not begun as an error of its own.
      const ours = services.stopping ? 'debug' : (LEVELS[level] ?? 'debug')
      // Its `meta` may hold a whole client, with the keys of its session.
      services.logger[ours]({ ...describeError(meta) }, message)
    }),
  })
  const end = () => pool.end().catch(() => {})
  const runner = await running.catch(async (error) => {
    await end()
    throw error
  })
  const stop = runner.stop.bind(runner)
  return Object.assign(runner, { stop: (reason?: string) => stop(reason).finally(end) })
}

/** Graphile's own pool would stay open if it stops with jobs that it had fetched. */
function openPool(url: URL, max: number, logger: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url.href,
    max,
    Client: BoundedClient,
    // The connection that listens sends nothing by itself, for days where nothing is started.
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  })
  pool.on('connect', (client) => {
    client.on('error', (error) => logger.warn(describeError({ error }), 'a connection of Graphile Worker was lost'))
  })
  // Logged by the listener on the connection, which also covers the times when it is in use.
  return pool.on('error', () => {})
}

function describeError(meta: Record<string, unknown> | undefined): object {
  const error = (meta?.error ?? meta?.err) as { name?: string; code?: string; message?: string } | undefined
  return error ? { error: { name: error.name, code: error.code, message: error.message } } : {}
}
