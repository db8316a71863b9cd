import { call, callPrepared } from './call.ts'
import type { Db } from './client.ts'
import type { JsonObject, RunStatus } from './contract.ts'

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
