import { EventEmitter } from 'node:events'
import { Logger as GraphileLogger, type Runner, run, type TaskList, type WorkerEvents } from 'graphile-worker'
import { registerPool } from '../db/workers.ts'
import { driveRun, type WorkerServices } from './drive.ts'
import { describe } from './register.ts'
import type { Workflow } from './workflow.ts'

export interface GraphileOptions {
  connectionString: string
  applicationName: string
  workflows: readonly Workflow[]
  /** Jobs at the same time. */
  concurrency: number
}

/** Graphile's levels that are ours; its `info` tells of every job, which is ours to tell. */
const LEVELS: Record<string, 'warn' | 'error'> = { warning: 'warn', error: 'error' }

/** Starts Graphile Worker on the runs of some workflows. */
export function startGraphile(services: WorkerServices, options: GraphileOptions): Promise<Runner> {
  const url = new URL(options.connectionString)
  url.searchParams.set('application_name', options.applicationName)
  return run({
    connectionString: url.href,
    taskList: taskList(services, options.workflows),
    concurrency: options.concurrency,
    maxPoolSize: options.concurrency + 1,
    // Without this it would read the crontab file of whatever folder it was started in.
    parsedCronItems: [],
    noHandleSignals: true,
    events: listen(services),
    logger: new GraphileLogger(() => (level, message, meta) => {
      services.logger[LEVELS[level] ?? 'debug']({ ...meta }, message)
    }),
  })
}

/** Its pool's id is what jobs are locked by: whoever takes over finds them by that. */
function listen({ id, db, logger }: WorkerServices): WorkerEvents {
  const events: WorkerEvents = new EventEmitter()
  events.on('pool:create', ({ workerPool }) => {
    registerPool(db, id, workerPool.id).catch((error) => logger.warn({ error }, 'could not register the pool'))
  })
  return events
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
