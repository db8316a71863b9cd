import type { CronItem, JobHelpers, TaskList } from 'graphile-worker'
import { purgeRuns } from '../db/purge.ts'
import { endStuckSteps, registerPool } from '../db/workers.ts'
import { doJob, type WorkerServices } from './job.ts'
import { taskName } from './register.ts'
import type { Workflow } from './workflow.ts'

/** Tasks that Graphile's cron gives to one of all the workers. */
export const CHORES = { watchdog: 'stepcast:watchdog', purge: 'stepcast:purge' } as const

export interface CronOptions {
  /** When the watchdog looks for stuck steps, as a crontab pattern. Default: every 5 minutes. */
  watchdog?: string | undefined
  /**
   * How long finished runs are kept, as a Postgres interval such as `30 days`; enforced every night. Default: for ever.
   */
  retention?: string | undefined
}

/** At an hour when few people work, and not on the hour, when most other jobs run. */
const NIGHTLY = '17 3 * * *'

/**
 * The tasks that Graphile Worker runs for us: one for each version of a workflow, and the chores. `onAbort` is called
 * when the runner is being stopped and its own waiting time has passed.
 */
export function tasksFor(
  services: WorkerServices,
  workflows: readonly Workflow[],
  { retention }: CronOptions,
  onAbort: () => void = () => {},
): TaskList {
  const { db, logger } = services
  const introduce = introducer(services)
  const drives = workflows.map((workflow) => [
    taskName(workflow),
    async (payload: unknown, helpers: JobHelpers) => {
      helpers.abortSignal.addEventListener('abort', onAbort, { once: true })
      await introduce(helpers)
      await doJob(services, workflow, (payload as { run: string }).run)
    },
  ])
  const watchdog = async () => {
    for (const run of await endStuckSteps(db)) logger.warn({ run }, 'ended a step that was stuck')
  }
  const purge = async (olderThan: string, signal: AbortSignal) =>
    logger.info(await purgeRuns(db, { olderThan, signal }), 'deleted runs that ended long ago')
  return {
    ...Object.fromEntries(drives),
    [CHORES.watchdog]: watchdog,
    // Only with a retention: a worker without one would take another worker's job and do nothing.
    ...(retention && { [CHORES.purge]: (_: unknown, { abortSignal }: JobHelpers) => purge(retention, abortSignal) }),
  }
}

export function cronFor({ watchdog = '*/5 * * * *', retention }: CronOptions): CronItem[] {
  const options = { maxAttempts: 1 }
  return [
    { task: CHORES.watchdog, match: watchdog, options },
    ...(retention ? [{ task: CHORES.purge, match: NIGHTLY, options }] : []),
  ]
}

/**
 * Jobs are locked by the pool's id: a worker that takes over finds this worker's jobs by it. No run is claimed before
 * the id is registered; else a job left behind would stay until the reconciler gets to it.
 */
function introducer({ id, db, logger }: WorkerServices): (helpers: JobHelpers) => Promise<void> {
  let known: string | null = null
  let introduced = Promise.resolve()
  return ({ job: { locked_by } }) => {
    if (locked_by === known || locked_by === null) return introduced
    known = locked_by
    introduced = registerPool(db, id, locked_by).catch((error) => {
      // Tried again with the next job.
      known = null
      logger.warn({ err: error }, 'could not register the pool')
    })
    return introduced
  }
}
