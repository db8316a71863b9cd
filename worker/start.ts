import type { CronItem, Runner, TaskList } from 'graphile-worker'
import { namePooler } from '../db/pooled.ts'
import { isAge } from '../db/purge.ts'
import { checkPlaces } from './check-definition.ts'
import { startGraphile } from './graphile.ts'
import { DEFAULT_CONCURRENCY, type ProcessOptions, WorkerProcess } from './process.ts'
import { type CronOptions, cronFor, tasksFor } from './tasks.ts'
import type { Workflow } from './workflow.ts'

export interface WorkerOptions extends ProcessOptions, CronOptions {}

/**
 * Starts a worker: registers the workflows, takes their runs as they come, goes on with those of dead workers.
 * The database must be migrated. Rejects where it cannot be reached, and with a TypeError for a `concurrency` that is no
 * whole number above 0 or a `retention` that is no interval. At SIGTERM call `stop`, which hands runs over: a worker that
 * just ends counts as a crash.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const {
    workflows,
    databaseUrl,
    listenUrl = databaseUrl,
    concurrency = DEFAULT_CONCURRENCY,
    watchdog,
    retention,
  } = options
  const process = await begin({ ...options, concurrency })
  const { applicationName, services } = process
  const graphile = { connectionString: listenUrl, applicationName, workflows, concurrency, watchdog, retention }
  const runner = await startGraphile(services, graphile).catch(async (error) => {
    await process.stop(async () => {})
    throw namePooler(error)
  })
  return new Worker(process, runner)
}

/** @throws a TypeError for what it could not work with, or would meet at night only */
async function begin(options: ProcessOptions & CronOptions): Promise<WorkerProcess> {
  const { concurrency = DEFAULT_CONCURRENCY, retention } = options
  if (retention !== undefined && !isAge(retention))
    throw new TypeError(`the retention of a worker must be an interval such as '30 days', not '${retention}'`)
  checkPlaces('the concurrency of a worker', concurrency)
  return WorkerProcess.begin(options)
}

/** A worker that is running. `await using` stops it at the end of its block. */
export class Worker implements AsyncDisposable {
  /** Its id in `stepcast.workers`. */
  readonly id: number
  /** Resolves when it was stopped; rejects when it cannot go on: end the process, and let another one start. */
  readonly done: Promise<void>
  readonly #process: WorkerProcess
  readonly #runner: Runner | null
  readonly #stopped = Promise.withResolvers<void>()
  #stopping: Promise<void> | null = null

  constructor(process: WorkerProcess, runner: Runner | null) {
    this.#process = process
    this.#runner = runner
    this.id = process.services.id
    const ended = async (): Promise<void> => {
      await (runner?.promise ?? this.#stopped.promise)
      if (!this.#stopping) throw new Error('Graphile Worker ended by itself')
      await this.#stopped.promise
    }
    this.done = Promise.race([ended(), process.death])
    // Whoever does not look at it hears of it in the log.
    this.done.catch(() => {})
  }

  /** Stops the handlers, hands their runs over to other workers at once, closes every connection. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#process.stop(async () => this.#runner?.stop()).then(() => this.#stopped.resolve())
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

/** What an application's own Graphile Worker needs to drive runs of Stepcast. */
export interface Tasks extends AsyncDisposable {
  /** To be spread into the `taskList` of `run()`. */
  readonly taskList: TaskList
  /** To be given to `parseCronItems`, with the application's own. */
  readonly cronItems: CronItem[]
  /** As of a worker. */
  readonly done: Promise<void>
  /**
   * Call it together with the runner's own `stop()`, which by itself waits five seconds before it tells handlers. Stops
   * the handlers, hands their runs over and closes every connection. Idempotent.
   */
  stop(): Promise<void>
}

/**
 * The same tasks for a Graphile Worker that an application already runs: it registers the workflows and begins the life
 * of this process as a worker, so that leases and takeover work there too. The runner keeps its own settings; its
 * schema is the one that the database was migrated with.
 */
export async function taskList(
  workflows: readonly Workflow[],
  options: Omit<ProcessOptions, 'workflows'> & CronOptions,
): Promise<Tasks> {
  const process = await begin({ ...options, workflows })
  const worker = new Worker(process, null)
  return {
    taskList: tasksFor(process.services, workflows, options, () => void worker.stop()),
    cronItems: cronFor(options),
    done: worker.done,
    stop: () => worker.stop(),
    [Symbol.asyncDispose]: () => worker.stop(),
  }
}
