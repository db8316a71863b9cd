import type { Registry } from '@prometheus-io/client'
import { Announcer } from '../db/announcer.ts'
import { BoundedClient } from '../db/connect.ts'
import { leaseKey } from '../db/engine.ts'
import { type Logger, silent, withFields } from '../db/logger.ts'
import { requireSession } from '../db/pooled.ts'
import { within } from '../db/within.ts'
import { registerTasks, releaseWorker } from '../db/workers.ts'
import { Advancer } from './advancer.ts'
import { Flusher } from './flusher.ts'
import type { WorkerServices } from './job.ts'
import { Life, type LifeOptions, newApplicationName, workerName } from './life.ts'
import { noMeter } from './meter.ts'
import { openPools, type Pools } from './pools.ts'
import { registerWorkflows, taskName } from './register.ts'
import { CHORES } from './tasks.ts'
import { Watch } from './watch.ts'
import type { Workflow } from './workflow.ts'

export interface ProcessOptions {
  /** The workflows to run. Each is registered, in the version that it has here. */
  workflows: readonly Workflow[]
  /** `postgres://…` of a migrated database. */
  databaseUrl: string
  /**
   * A direct connection, if `databaseUrl` leads through a pooler in transaction mode. Default: `databaseUrl`. If set,
   * only the transactions of handlers use `databaseUrl`: everything else that a worker does needs a session of its own.
   */
  listenUrl?: string | undefined
  /**
   * How many runs this process drives at the same time. Default 10. In an application's own Graphile Worker, its
   * `concurrentJobs` decides that; this is for how many it has connections.
   */
  concurrency?: number | undefined
  /** Default: silent. */
  logger?: Logger | undefined
  /** Registry for the worker's metrics, for the application to expose. Workers may share one. Default: no metrics. */
  metrics?: Registry | undefined
}

export const DEFAULT_CONCURRENCY = 10
/** How long each part of stopping may take. */
const STOP_WITHIN_MS = 5_000

interface Parts {
  services: WorkerServices
  life: Life
  watch: Watch
  announcer: Announcer
  pools: Pools
  applicationName: string
}

/** What a process needs to drive runs, whatever gives it the jobs: connections, a life, the flusher, the watch. */
export class WorkerProcess {
  readonly services: WorkerServices
  /** The application name of its connections. */
  readonly applicationName: string
  /** Rejects when the process cannot continue. */
  readonly death: Promise<never>
  readonly #parts: Parts

  private constructor(parts: Parts, death: Promise<never>) {
    this.services = parts.services
    this.applicationName = parts.applicationName
    this.death = death
    this.#parts = parts
  }

  /** Registers the workflows and the worker. Rejects if the database cannot be reached, or is not migrated. */
  static async begin(options: ProcessOptions): Promise<WorkerProcess> {
    const { databaseUrl, listenUrl = databaseUrl, concurrency = DEFAULT_CONCURRENCY } = options
    await checkSession(listenUrl)
    const death = Promise.withResolvers<never>()
    // During startup there is nothing to stop, and whatever needs a connection that broke rejects by itself.
    death.promise.catch(() => {})
    const applicationName = newApplicationName()
    const pools = openPools({ databaseUrl, listenUrl, applicationName, concurrency, onError: death.reject })
    try {
      const parts = await assemble(options, pools, { listenUrl, applicationName, onDeath: death.reject })
      // Logged even if nobody awaits it; and the runs that it drove are no longer its own.
      death.promise.catch((error) => giveUp(parts.services, error))
      return new WorkerProcess(parts, death.promise)
    } catch (error) {
      await pools.end()
      throw error
    }
  }

  /**
   * Stops the handlers, hands their runs over to other workers at once and closes every connection. `queue` stops the
   * source of the jobs.
   */
  async stop(queue: () => Promise<void>): Promise<void> {
    const { services, life, watch, announcer, pools } = this.#parts
    const { db, id, flusher, holdings, logger } = services
    life.leave()
    services.stopping = true
    for (const holding of holdings) holding.stop('the worker is stopping')
    // Before the runs are handed over, so that it does not fetch the very jobs that the handover creates.
    const stopped = queue().catch((error) => logger.warn({ err: error }, 'Graphile Worker did not stop cleanly'))
    await withinReason(Promise.all([stopped, watch.stop()]))
    await withinReason(flusher.drain())
    const released = releaseWorker(db, id).catch((error) => {
      logger.warn({ err: error }, 'could not hand the runs over; they will be taken over')
    })
    await withinReason(released)
    await withinReason(Promise.all([flusher.stop(), announcer.stop()]))
    await withinReason(life.end())
    await withinReason(pools.end())
  }
}

/** Registers what the process runs, and begins the worker's life on a connection of its own. */
async function assemble(
  { workflows, metrics, ...options }: ProcessOptions,
  pools: Pools,
  connection: Omit<LifeOptions, 'serves' | 'onBeat'>,
): Promise<Parts> {
  const name = workerName()
  const logger = withFields(options.logger ?? silent, { worker: name })
  const meter = metrics ? (await import('./metrics.ts')).meterIn(metrics) : noMeter
  await registerWorkflows(pools.db, workflows)
  await registerTasks(pools.db, Object.values(CHORES))
  const holdings: WorkerServices['holdings'] = new Set()
  let watch: Watch | null = null
  const life = await Life.begin({
    ...connection,
    serves: workflows.map(taskName),
    onBeat: (beats, askedAt, leads) => {
      // A map, because a process may drive thousands of runs.
      const beatOf = new Map(beats.map((beat) => [leaseKey(beat), beat]))
      for (const holding of holdings) holding.heed(beatOf.get(leaseKey(holding)) ?? null, askedAt)
      watch?.look(leads)
    },
  })
  const shared = { id: life.id, name, db: pools.db, logger, meter, holdings }
  watch = new Watch(shared)
  const flusher = new Flusher(pools.reports, logger, meter)
  const announcer = new Announcer(pools.announcements, logger)
  const advancer = new Advancer(pools.db, life.id, announcer)
  const { handlers: pool, failures } = pools
  const services = { ...shared, pool, failures, flusher, advancer, stopping: false }
  return { services, life, watch, announcer, pools, applicationName: connection.applicationName }
}

function giveUp(services: WorkerServices, error: Error): void {
  services.logger.error({ err: error }, 'the worker cannot go on')
  services.stopping = true
  for (const holding of services.holdings) holding.stop('the worker cannot go on')
}

/** Called before anything is set on a connection: behind a pooler, the next client of that backend would inherit it. */
async function checkSession(connectionString: string): Promise<void> {
  const connection = { connectionString, application_name: 'stepcast worker begins' }
  const client = new BoundedClient(connection)
  await client.connect()
  try {
    await requireSession(client, () => new BoundedClient(connection))
  } finally {
    await client.end()
  }
}

/** What hangs, for instance on a database that does not answer, ends with the process. */
async function withinReason(part: Promise<unknown>): Promise<void> {
  await within(STOP_WITHIN_MS, part).catch(() => {})
}
