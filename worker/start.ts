import { setTimeout as sleep } from 'node:timers/promises'
import type { Runner } from 'graphile-worker'
import { type Logger, silent } from '../db/logger.ts'
import { releaseWorker } from '../db/workers.ts'
import type { WorkerServices } from './drive.ts'
import { Flusher } from './flusher.ts'
import { startGraphile } from './graphile.ts'
import { Life, newApplicationName } from './life.ts'
import { endPools, openPools, type Pools } from './pools.ts'
import { registerWorkflows } from './register.ts'
import type { Workflow } from './workflow.ts'

export interface WorkerOptions {
  workflows: readonly Workflow[]
  databaseUrl: string
  /** A direct connection where `databaseUrl` is a pooler. Default: `databaseUrl`. */
  listenUrl?: string | undefined
  /** Runs at the same time in this process. Default 10. */
  concurrency?: number | undefined
  logger?: Logger | undefined
}

const DEFAULT_CONCURRENCY = 10
/** Each part of stopping. */
const STOP_WITHIN_MS = 5_000

/**
 * Starts a worker: registers the workflows, takes their runs as they come, goes on with those of dead workers.
 * The database must be migrated. Rejects where it cannot be reached.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const {
    workflows,
    databaseUrl,
    listenUrl = databaseUrl,
    concurrency = DEFAULT_CONCURRENCY,
    logger = silent,
  } = options
  const applicationName = newApplicationName()
  const death = Promise.withResolvers<never>()
  // Whoever does not look at `done` still hears of it in the log.
  death.promise.catch((error) => logger.error({ error }, 'the worker cannot go on'))
  const pools = openPools(databaseUrl, applicationName, concurrency, death.reject)
  try {
    await registerWorkflows(pools.db, workflows)
    const holdings: WorkerServices['holdings'] = new Set()
    const life = await Life.begin({ listenUrl, applicationName, db: pools.db, holdings, logger, onDeath: death.reject })
    const flusher = new Flusher(pools.reports, logger)
    const services = { id: life.id, pool: pools.handlers, db: pools.db, logger, holdings, flusher, stopping: false }
    const graphile = { connectionString: listenUrl, applicationName, workflows, concurrency }
    const runner = await startGraphile(services, graphile)
    return new Worker({ services, life, runner, pools, death })
  } catch (error) {
    await endPools(pools)
    throw error
  }
}

interface Parts {
  services: WorkerServices
  life: Life
  runner: Runner
  pools: Pools
  death: PromiseWithResolvers<never>
}

/** A worker that is running. `await using` stops it at the end of its block. */
export class Worker implements AsyncDisposable {
  /** Its id in `stepcast.workers`. */
  readonly id: number
  /** Resolves when it was stopped; rejects when it cannot go on: end the process, and let another one start. */
  readonly done: Promise<void>
  readonly #parts: Parts
  readonly #stopped = Promise.withResolvers<void>()
  #stopping: Promise<void> | null = null

  constructor(parts: Parts) {
    const { services, life, runner, death } = parts
    this.#parts = parts
    this.id = life.id
    this.done = Promise.race([this.#stopped.promise, death.promise])
    this.done.catch(() => {
      for (const holding of services.holdings) holding.stop('the worker lost its database')
    })
    const ended = (error?: unknown) => {
      if (!this.#stopping) death.reject(error ?? new Error('Graphile Worker ended by itself'))
    }
    runner.promise.then(() => ended(), ended)
  }

  /** Stops the handlers, hands their runs over to other workers at once, closes every connection. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #stop(): Promise<void> {
    const { services, life, runner, pools } = this.#parts
    const { db, flusher, holdings, logger } = services
    life.leave()
    services.stopping = true
    for (const holding of holdings) holding.stop('the worker is stopping')
    // Before the runs are handed over, so that it does not fetch the very jobs that this makes.
    const stopped = runner.stop().catch((error) => logger.warn({ error }, 'Graphile Worker did not stop cleanly'))
    await withinReason(stopped)
    const released = releaseWorker(db, this.id).catch((error) => {
      logger.warn({ error }, 'could not hand the runs over; they will be taken over')
    })
    await withinReason(released)
    await withinReason(flusher.stop())
    await withinReason(life.end())
    await withinReason(endPools(pools))
    this.#stopped.resolve()
  }
}

/** Whatever hangs, such as on a database that does not answer, ends with the process. */
async function withinReason(part: Promise<unknown>): Promise<void> {
  const late = new AbortController()
  const settled = part.catch(() => {}).finally(() => late.abort())
  await Promise.race([settled, sleep(STOP_WITHIN_MS, undefined, { signal: late.signal }).catch(() => {})])
}
