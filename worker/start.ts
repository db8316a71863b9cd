import { Logger as GraphileLogger, type Runner, run as runGraphile, type TaskList } from 'graphile-worker'
import pg from 'pg'
import { actAs, releaseWorker } from '../db/engine.ts'
import { type Logger, silent } from '../db/logger.ts'
import { driveRun, type WorkerServices } from './drive.ts'
import { Flusher } from './flusher.ts'
import { Life, newApplicationName, workerName } from './life.ts'
import { describe, registerWorkflows } from './register.ts'
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

/**
 * Starts a worker: registers the workflows, takes their runs as they come, goes on with those of dead workers.
 * The database must be migrated. Rejects where it cannot be reached.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { concurrency = DEFAULT_CONCURRENCY, logger = silent } = options
  const applicationName = newApplicationName()
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    application_name: applicationName,
    // A transaction for each run, what its handler does meanwhile, and the flusher.
    max: concurrency * 2 + 1,
    keepAlive: true,
    onConnect: (client) => actAs(client, `worker ${workerName()}`),
  })
  const holdings: WorkerServices['holdings'] = new Set()
  const death = Promise.withResolvers<never>()
  // Whoever does not look at `done` still hears of it in the log.
  death.promise.catch((error) => logger.error({ error }, 'the worker cannot go on'))
  pool.on('error', death.reject)
  try {
    await registerWorkflows(pool, options.workflows)
    const databaseUrl = options.listenUrl ?? options.databaseUrl
    const life = await Life.begin({ databaseUrl, applicationName, db: pool, holdings, logger, onDeath: death.reject })
    const services = { id: life.id, pool, logger, holdings, flusher: new Flusher(pool, logger) }
    const runner = await startGraphile(services, options, applicationName)
    return new Worker(services, life, runner, death.promise)
  } catch (error) {
    await pool.end()
    throw error
  }
}

/** A worker that is running. `await using` stops it at the end of its block. */
export class Worker implements AsyncDisposable {
  /** Its id in `stepcast.workers`. */
  readonly id: number
  /** Resolves when it was stopped; rejects when it cannot go on: end the process, and let another one start. */
  readonly done: Promise<void>
  readonly #services: WorkerServices
  readonly #life: Life
  readonly #runner: Runner
  readonly #stopped = Promise.withResolvers<void>()
  #stopping: Promise<void> | null = null

  constructor(services: WorkerServices, life: Life, runner: Runner, death: Promise<never>) {
    this.#services = services
    this.#life = life
    this.#runner = runner
    this.id = life.id
    this.done = Promise.race([this.#stopped.promise, death])
    this.done.catch(() => {
      for (const holding of services.holdings) holding.stop('the worker lost its database')
    })
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
    const { pool, flusher, holdings, logger } = this.#services
    // First, so that it does not fetch the very jobs that handing over makes.
    const stopped = this.#runner.stop().catch((error) => logger.warn({ error }, 'Graphile Worker did not stop cleanly'))
    for (const holding of holdings) holding.stop('the worker is stopping')
    await releaseWorker(pool, this.id).catch((error) => {
      logger.warn({ error }, 'could not hand the runs over; they will be taken over')
    })
    await stopped
    await flusher.stop()
    await this.#life.end().catch(() => {})
    await pool.end()
    this.#stopped.resolve()
  }
}

/** Graphile's levels that are ours; its `info` tells of every job, which is ours to tell. */
const LEVELS: Record<string, 'warn' | 'error'> = { warning: 'warn', error: 'error' }

async function startGraphile(
  services: WorkerServices,
  options: WorkerOptions,
  applicationName: string,
): Promise<Runner> {
  const { concurrency = DEFAULT_CONCURRENCY } = options
  const url = new URL(options.listenUrl ?? options.databaseUrl)
  url.searchParams.set('application_name', applicationName)
  return runGraphile({
    connectionString: url.href,
    taskList: taskList(services, options.workflows),
    concurrency,
    maxPoolSize: concurrency + 1,
    // Without this it would read the crontab file of whatever folder it was started in.
    parsedCronItems: [],
    noHandleSignals: true,
    logger: new GraphileLogger(() => (level, message, meta) => {
      services.logger[LEVELS[level] ?? 'debug']({ ...meta }, message)
    }),
  })
}

function taskList(services: WorkerServices, workflows: readonly Workflow[]): TaskList {
  return Object.fromEntries(
    workflows.map((workflow) => {
      const { name, version } = describe(workflow)
      return [`stepcast:${name}:${version}`, (payload: unknown) => driveRun(services, workflow, runOf(payload))]
    }),
  )
}

function runOf(payload: unknown): string {
  return (payload as { run: string }).run
}
