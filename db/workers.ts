import { call, callPrepared } from './call.ts'
import type { Db } from './client.ts'
import type { Leased } from './engine.ts'

/** Names who acts on a connection from now on, for the journal. */
export async function actAs(db: Db, actor: string): Promise<void> {
  await db.query("select set_config('stepcast.actor', $1, false)", [actor])
}

/** Ends the session of a client on the server too, whatever it is waiting for there. */
export async function endSession(db: Db, client: object): Promise<void> {
  await db.query('select pg_terminate_backend($1)', [(client as { processID: number }).processID])
}

/** Registers a worker and takes its advisory lock on this session. */
export async function registerWorker(db: Db, name: string, applicationName: string): Promise<number> {
  const [row] = await call<{ id: number }>(db, 'select stepcast.register_worker($1, $2) as id', [name, applicationName])
  return (row as { id: number }).id
}

/** Says that a worker lives; answers with the leases it must stop. Throws SC005 when it was declared dead. */
export async function beat(db: Db, worker: number, held: readonly Leased[]): Promise<Leased[]> {
  const rows = await callPrepared<Leased>(db, 'beat', 'select * from stepcast.beat($1, $2::uuid[], $3::bigint[])', [
    worker,
    held.map(({ run }) => run),
    held.map(({ lease }) => lease),
  ])
  return rows.map(({ run, lease }) => ({ run, lease: Number(lease) }))
}

/** Takes over the runs of dead workers; answers with these workers' names. */
export async function takeOver(db: Db): Promise<string[]> {
  const rows = await callPrepared<{ name: string }>(db, 'take_over', 'select name from stepcast.take_over() name', [])
  return rows.map(({ name }) => name)
}

/** Hands over the runs that a worker has but does not drive. */
export async function handOverLostRuns(db: Db, worker: number, driven: readonly string[]): Promise<void> {
  await callPrepared(db, 'hand_over_lost_runs', 'select stepcast.hand_over_lost_runs($1, $2::uuid[])', [worker, driven])
}

/** Names the pool by which a worker's jobs are locked, so that they are found when it is dead. */
export async function registerPool(db: Db, worker: number, pool: string): Promise<void> {
  await call(db, 'update stepcast.workers set graphile_pool = $2 where id = $1', [worker, pool])
}

/** Fails outside-driven runs past their deadline; answers with their ids. */
export async function expireRuns(db: Db): Promise<string[]> {
  const rows = await callPrepared<{ run: string }>(db, 'expire_runs', 'select run from stepcast.expire_runs() run', [])
  return rows.map(({ run }) => run)
}

/** Hands a worker's runs over and forgets it. */
export async function releaseWorker(db: Db, worker: number): Promise<void> {
  await call(db, 'select stepcast.release_worker($1)', [worker])
}
