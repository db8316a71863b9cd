import { call, callPrepared } from './call.ts'
import type { Db } from './client.ts'
import type { Leased } from './engine.ts'

/** Ends a backend, whatever it is waiting for. */
export async function endBackend(db: Db, pid: number): Promise<void> {
  await db.query('select pg_terminate_backend($1)', [pid])
}

/** Registers a worker, with the Graphile tasks that it serves, and takes its advisory lock on this session. */
export async function registerWorker(
  db: Db,
  name: string,
  applicationName: string,
  serves: readonly string[] = [],
): Promise<number> {
  const [row] = await call<{ id: number }>(db, 'select stepcast.register_worker($1, $2, $3) as id', [
    name,
    applicationName,
    serves,
  ])
  return (row as { id: number }).id
}

/** A run that belongs to the worker according to the database. */
export interface Beat extends Leased {
  /** Something may begin that the worker does not know of: look again. */
  attention: boolean
  /** The attempt of each running step, by the step's id. */
  running: Record<string, number>
  /** Ids of the steps that are past their timeout. */
  overdue: number[]
}

/** Reports that a worker lives; returns all runs that it has. Throws SC005 if it was declared dead. */
export async function beat(db: Db, worker: number): Promise<Beat[]> {
  const rows = await callPrepared<Beat>(db, 'beat', 'select * from stepcast.beat($1)', [worker])
  return rows.map((row) => ({ ...row, lease: Number(row.lease) }))
}

/** Whether the worker on this session does what one worker does for all; if so, until its session ends. */
export async function lead(db: Db): Promise<boolean> {
  const [row] = await callPrepared<{ leads: boolean }>(db, 'lead', 'select stepcast.lead() as leads', [])
  return row?.leads === true
}

/** Takes over the runs of dead workers; returns these workers' names, and how many runs of each it took. */
export async function takeOver(db: Db): Promise<{ dead: string; runs: number }[]> {
  const text = 'select dead, runs::integer from stepcast.take_over()'
  return callPrepared<{ dead: string; runs: number }>(db, 'take_over', text, [])
}

/** Hands over the runs that a worker has but does not drive. */
export async function handOverLostRuns(db: Db, worker: number, driven: readonly string[]): Promise<void> {
  await callPrepared(db, 'hand_over_lost_runs', 'select stepcast.hand_over_lost_runs($1, $2::uuid[])', [worker, driven])
}

/** Records the id of the pool that a worker's jobs are locked by, so that they are found when it is dead. */
export async function registerPool(db: Db, worker: number, pool: string): Promise<void> {
  await call(db, 'select stepcast.register_pool($1, $2)', [worker, pool])
}

/** Fails runs past their deadline, whoever drives them; returns their ids. */
export async function expireRuns(db: Db): Promise<string[]> {
  const rows = await callPrepared<{ run: string }>(db, 'expire_runs', 'select run from stepcast.expire_runs() run', [])
  return rows.map(({ run }) => run)
}

/** Hands a worker's runs over and forgets it. */
export async function releaseWorker(db: Db, worker: number): Promise<void> {
  await call(db, 'select stepcast.release_worker($1)', [worker])
}

/**
 * Queues runs again that have neither a worker nor a job that will run; at most every ten seconds among all workers. Of
 * a long backlog it looks at a part, from `after` on: `place` is for the next call; null: from the beginning.
 */
export async function requeueLostRuns(
  db: Db,
  after: string | null,
): Promise<{ queued: string[]; place: string | null }> {
  const text = 'select queued, place from stepcast.requeue_lost_runs($1)'
  const [row] = await callPrepared<{ queued: string[]; place: string | null }>(db, 'requeue_lost_runs', text, [after])
  return row ?? { queued: [], place: null }
}

/** Gives free places to parked runs, if nobody did when the places became free. */
export async function admitParkedRuns(db: Db): Promise<void> {
  await callPrepared(db, 'admit_parked_runs', 'select stepcast.admit_all_parked_runs()', [])
}

/** The watchdog: ends attempts that are stuck; returns their runs. */
export async function endStuckSteps(db: Db): Promise<string[]> {
  const rows = await call<{ run: string }>(db, 'select run from stepcast.end_stuck_steps() run', [])
  return rows.map(({ run }) => run)
}

/** The schema of Graphile Worker that the database was migrated with. */
export async function graphileSchema(db: Db): Promise<string> {
  const [row] = await call<{ schema: string }>(db, 'select stepcast.graphile_schema() as schema', [])
  return row?.schema ?? 'graphile_worker'
}

/** Registers names of tasks with Graphile Worker, outside any long transaction. */
export async function registerTasks(db: Db, names: readonly string[]): Promise<void> {
  await call(db, 'select stepcast.register_tasks($1)', [names])
}
