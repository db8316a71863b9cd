import type { CronItem, Runner, TaskList } from 'graphile-worker'
import { checkAddress } from '../db/connect.ts'
import { namePooler } from '../db/pooled.ts'
import { isAge } from '../db/purge.ts'
import { checkPlaces } from './check-option.ts'
import { startGraphile } from './graphile.ts'
import { DEFAULT_CONCURRENCY, type ProcessOptions, WorkerProcess } from './process.ts'
import { type CronOptions, cronFor, tasksFor } from './tasks.ts'
import type { Workflow } from './workflow.ts'

export interface WorkerOptions extends ProcessOptions, CronOptions {}

/**
 * Starts a worker: it registers the workflows, takes their runs as they come, and resumes the runs of dead workers.
 * The database must be migrated. Rejects if it cannot be reached, and with a TypeError if `databaseUrl` is no address of
 * a database, `concurrency` is not a whole number above 0 or `retention` is not an interval. On SIGTERM call `stop`,
 * which hands the runs over: a worker that ends without it counts as crashed.
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

/** @throws a TypeError for an option that it could not work with, or whose fault would first show at night */
async function begin(options: ProcessOptions & CronOptions): Promise<WorkerProcess> {
  const { databaseUrl, listenUrl = databaseUrl, concurrency = DEFAULT_CONCURRENCY, retention } = options
  checkAddress('databaseUrl of a worker', databaseUrl)
  checkAddress('listenUrl of a worker', listenUrl)
  if (retention !== undefined && !isAge(retention))
    throw new TypeError(`the retention of a worker must be an interval such as '30 days', not '${retention}'`)
  checkPlaces('the concurrency of a worker', concurrency)
  return WorkerProcess.begin(options)
}

/** A running worker. `await using` stops it at the end of the block. */
export class Worker implements AsyncDisposable {
  /** Its id in `stepcast.workers`. */
  readonly id: number
  /** Resolves when it has stopped. Rejects when it cannot continue: end the process and let another one start. */
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
      await (runner ? endOf(runner) : this.#stopped.promise)
      if (!this.#stopping) throw new Error('Graphile Worker ended by itself')
      await this.#stopped.promise
    }
    this.done = Promise.race([ended(), process.death])
    // Logged even if nobody awaits it.
    this.done.catch(() => {})
  }

  /** Stops the handlers, hands their runs over to other workers at once and closes every connection. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#process.stop(async () => this.#runner?.stop()).then(() => this.#stopped.resolve())
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

/**
 * Settles once Graphile Worker begins to shut down, for whatever reason: from then on it takes no job, and where two
 * batches of jobs failed at once its own promise would never settle.
 */
function endOf(runner: Runner): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  runner.events.once('pool:gracefulShutdown', () => resolve())
  return Promise.race([promise, runner.promise])
}

/** What an application's own Graphile Worker needs to drive runs of Stepcast. */
export interface Tasks extends AsyncDisposable {
  /** Spread it into the `taskList` of `run()`. */
  readonly taskList: TaskList
  /** Pass them to `parseCronItems`, together with the application's own. */
  readonly cronItems: CronItem[]
  /** Like `done` of a worker. */
  readonly done: Promise<void>
  /**
   * Stops the handlers, hands their runs over and closes every connection. Call it together with the runner's own
   * `stop()`, which on its own waits five seconds before it notifies handlers. Idempotent.
   */
  stop(): Promise<void>
}

/**
 * The same tasks for a Graphile Worker that an application already runs. Registers the workflows, and this process as a
 * worker, so that leases and takeover work there too. The runner keeps its own settings; its schema must be the one
 * that the database was migrated with.
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
