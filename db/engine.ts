import { call, callPrepared } from './call.ts'
import type { Db } from './client.ts'
import type { JsonObject, LogLevel, RunStatus } from './contract.ts'

/** What only a worker calls: the functions of db/engine/. Leases and ids are numbers below 2^53. */

/** A run as its handlers see it. */
export interface RunInfo {
  id: string
  workflow: string
  key: string | null
  tenant: string
  displayName: string
}

export interface StepInfo {
  id: number
  step: string
  attempt: number
}

/** Where a run is after a claim or a step's end: its next step has begun, or it has ended. */
export interface Advance {
  step: StepInfo | null
  ended: boolean
}

export interface Claim extends Advance {
  lease: number
  run: RunInfo
  results: JsonObject
}

export interface Peek {
  status: RunStatus
  input: unknown
  onEndPending: boolean
  lease: number
}

/** A run in a worker's hands. */
export interface Leased {
  run: string
  lease: number
}

export interface WorkflowRow {
  name: string
  version: string
  displayName: string | null
  displayNames: JsonObject | null
  steps: readonly object[]
  inputSchema: object | null
}

/** Makes a workflow known; with `takeCurrent` it becomes the current version even if an other one came later. */
export async function registerWorkflow(db: Db, row: WorkflowRow, takeCurrent: boolean): Promise<void> {
  await call(db, 'select stepcast.register_workflow($1, $2, $3, $4, $5, $6, $7)', [
    row.name,
    row.version,
    row.displayName,
    row.displayNames,
    JSON.stringify(row.steps),
    row.inputSchema,
    takeCurrent,
  ])
}

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

/** What to know before a claim; null: no such run. */
export async function peekRun(db: Db, run: string): Promise<Peek | null> {
  const [row] = await callPrepared<Peek>(
    db,
    'peek_run',
    `select status, input, on_end_pending as "onEndPending", lease from stepcast.peek_run($1)`,
    [run],
  )
  return row ? { ...row, lease: Number(row.lease) } : null
}

/** Claims a run and begins its next step; null: it is finished, gone, or held by a worker that lives. */
export async function claimRun(db: Db, run: string, worker: number): Promise<Claim | null> {
  const [row] = await callPrepared<{ claim: Claim | null }>(
    db,
    'claim_run',
    'select stepcast.claim_run($1, $2) as claim',
    [run, worker],
  )
  return row?.claim ?? null
}

/**
 * Completes a step with its output (JSON text) and begins the next. `settles`: the caller runs onEnd in the same
 * transaction, should the run end. Throws SC005.
 */
export async function advanceRun(
  db: Db,
  held: Leased,
  step: number,
  output: string | null,
  settles: boolean,
): Promise<Advance> {
  const [row] = await callPrepared<{ advance: Advance }>(
    db,
    'advance_run',
    'select stepcast.advance_run($1, $2, $3, $4, $5) as advance',
    [held.run, held.lease, step, output, settles],
  )
  return (row as { advance: Advance }).advance
}

/** An error as it is kept: what people read, and the stack with the chain of causes. */
export interface Failure {
  message: string
  stack: string | null
}

/** A step failed for good, and its run with it. Throws SC005. */
export async function breakRun(db: Db, held: Leased, step: number, failure: Failure): Promise<void> {
  await call(db, 'select stepcast.break_run($1, $2, $3, $4, $5)', [
    held.run,
    held.lease,
    step,
    failure.message,
    failure.stack,
  ])
}

/** Fails a run before its first step; false: it is not pending any more. */
export async function refuseRun(db: Db, run: string, message: string): Promise<boolean> {
  const [row] = await call<{ refused: boolean }>(db, 'select stepcast.refuse_run($1, $2) as refused', [run, message])
  return row?.refused ?? false
}

export interface SubstepStart {
  id: number
  attempt: number
  /** It was completed in an earlier attempt; `output` is what it gave. */
  completed: boolean
  output: unknown
}

/** Begins a sub-step, or finds it completed. Throws SC005. */
export async function beginSubstep(db: Db, held: Leased, parent: number, name: string): Promise<SubstepStart> {
  const [row] = await callPrepared<SubstepStart>(
    db,
    'begin_substep',
    'select * from stepcast.begin_substep($1, $2, $3, $4)',
    [held.run, held.lease, parent, name],
  )
  return { ...(row as SubstepStart), id: Number(row?.id) }
}

/** A try of a sub-step. */
export type SubstepTry = Pick<SubstepStart, 'id' | 'attempt'>

/** Completes a sub-step with its output (JSON text). Throws SC004 when another try has begun, SC005. */
export async function completeSubstep(db: Db, held: Leased, sub: SubstepTry, output: string | null): Promise<void> {
  await callPrepared(db, 'complete_substep', 'select stepcast.complete_substep($1, $2, $3, $4, $5)', [
    held.run,
    held.lease,
    sub.id,
    sub.attempt,
    output,
  ])
}

/** A sub-step failed; its step goes on or not. Throws SC004 when another try has begun, SC005. */
export async function failSubstep(db: Db, held: Leased, sub: SubstepTry, failure: Failure): Promise<void> {
  await call(db, 'select stepcast.fail_substep($1, $2, $3, $4, $5, $6)', [
    held.run,
    held.lease,
    sub.id,
    sub.attempt,
    failure.message,
    failure.stack,
  ])
}

export interface OwedEnd {
  status: RunStatus
  error: string | null
  input: unknown
  run: RunInfo
}

/** The onEnd that a run ended by somebody else still owes; the caller's transaction must run it. Null: none. */
export async function takeOnEnd(db: Db, run: string): Promise<OwedEnd | null> {
  const [row] = await call<OwedEnd>(db, 'select * from stepcast.take_on_end($1)', [run])
  return row ?? null
}

export interface Report extends Leased {
  step: number
  /** 0 to 100; null leaves it. */
  progress: number | null
  message: string | null
  /** The message per language, as JSON text. */
  messages: string | null
  /** What is merged into the step's metadata, as JSON text of an object. */
  metadata: string | null
}

export interface LogEntry extends Leased {
  step: number | null
  at: Date
  level: LogLevel
  message: string
}

/** `locked`: somebody holds the run's row, say it again; `fenced`: the lease is stale, stop. */
export type Unwritten = Leased & { outcome: 'locked' | 'fenced' }

/** Writes reports and log lines in one asynchronous commit; answers with the leases under which nothing was written. */
export async function flushReports(
  db: Db,
  reports: readonly Report[],
  logs: readonly LogEntry[],
): Promise<Unwritten[]> {
  const held = new Map([...reports, ...logs].map((entry) => [keyOf(entry), entry as Leased]))
  const positions = new Map([...held.keys()].map((key, index) => [key, index + 1]))
  const leases = [...held.values()]
  const rows = await callPrepared<{ place: number; outcome: Unwritten['outcome'] }>(
    db,
    'flush_reports',
    `select place, outcome from stepcast.flush_reports(
       $1::uuid[], $2::bigint[], $3::integer[], $4::bigint[], $5::integer[], $6::text[], $7::jsonb[], $8::jsonb[],
       $9::integer[], $10::bigint[], $11::timestamptz[], $12::text[], $13::text[])`,
    [
      leases.map(({ run }) => run),
      leases.map(({ lease }) => lease),
      reports.map((report) => positions.get(keyOf(report))),
      reports.map(({ step }) => step),
      reports.map(({ progress }) => progress),
      reports.map(({ message }) => message),
      reports.map(({ messages }) => messages),
      reports.map(({ metadata }) => metadata),
      logs.map((line) => positions.get(keyOf(line))),
      logs.map(({ step }) => step),
      logs.map(({ at }) => at),
      logs.map(({ level }) => level),
      logs.map(({ message }) => message),
    ],
  )
  return rows.flatMap(({ place, outcome }) => {
    const lease = leases[place - 1]
    return lease ? [{ run: lease.run, lease: lease.lease, outcome }] : []
  })
}

function keyOf({ run, lease }: Leased): string {
  return `${run} ${lease}`
}
