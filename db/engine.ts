import { call, callPrepared } from './call.ts'
import type { Db } from './client.ts'
import type { JsonObject, RunStatus } from './contract.ts'

/** The functions of db/engine/, which only workers call. Leases and ids are numbers below 2^53. */

/** A run as its handlers see it. */
export interface RunInfo {
  id: string
  workflow: string
  key: string | null
  tenant: string
  displayName: string
}

/** An attempt of a step that has begun. */
export interface StepInfo {
  id: number
  step: string
  attempt: number
}

/** What a worker reports of a run: it claims it (`lease` null), an attempt of a step ended, or it only looks again. */
export interface Move {
  run: string
  lease: number | null
  ending: Ending | null
  /** If the run ends, the workflow's onEnd runs in this transaction; else it stays owed. */
  settles: boolean
}

/** How an attempt of a step ended. */
export interface Ending {
  id: number
  attempt: number
  status: 'completed' | 'skipped'
  /** JSON text. */
  output: string | null
  /** Why it was skipped. */
  reason: string | null
}

/**
 * The outcome of a move; see engine/advance_runs.sql. `done`: the worker has to run the attempts in `began`. `over`:
 * somebody else ended the attempt. Only for a claim: `owed`: its onEnd is still owed; `waiting`: for a place in its
 * slot; `crowded`: beside another suspect; `taken`; `gone`.
 */
type Outcome = 'done' | 'locked' | 'fenced' | 'over' | 'owed' | 'waiting' | 'crowded' | 'taken' | 'gone'

export interface Advance {
  outcome: Outcome
  lease: number
  /** The run's, after this move. */
  revision: number
  status: RunStatus
  began: StepInfo[]
  /** Steps that are pending or running. */
  unfinished: number
  /** Until the next step that waits for its retry may begin; null: none waits. */
  wakeMs: number | null
  /** Only for a claim. */
  claim: Claim | null
}

/** Whether the run has ended with this. */
export function isFinal(advance: Advance): advance is Advance & { status: 'completed' | 'failed' } {
  const { outcome, status } = advance
  return outcome === 'done' && (status === 'completed' || status === 'failed')
}

export interface Claim {
  run: RunInfo
  input: unknown
  /** Of the first completed steps, by name. The others are for `readResults`: all may be too large for one answer. */
  results: JsonObject
  trace: TraceContext
}

/** A run's trace context, as the headers of W3C Trace Context; null: it was started without one. */
export interface TraceContext {
  traceparent: string | null
  tracestate: string | null
}

export interface Peek {
  status: RunStatus
  input: unknown
  onEndPending: boolean
}

/** A run in a worker's hands. */
export interface Leased {
  run: string
  lease: number
}

/** For maps. With the lease, because a run that was cancelled and retried may be held twice, once under a stale lease. */
export function leaseKey({ run, lease }: Leased): string {
  return `${run} ${lease}`
}

/** What a worker needs to know before a claim; null: no such run. */
export async function peekRun(db: Db, run: string): Promise<Peek | null> {
  const [row] = await callPrepared<Peek>(
    db,
    'peek_run',
    'select status, input, on_end_pending as "onEndPending" from stepcast.peek_run($1)',
    [run],
  )
  return row ?? null
}

interface AdvanceRow extends Omit<Advance, 'lease' | 'revision' | 'began' | 'wakeMs'> {
  place: number
  lease: string
  revision: string
  began: StepInfo[] | null
  wake_ms: string | null
}

const ANSWER = 'place, outcome, lease, revision, status, began, unfinished, wake_ms, claim'

/**
 * Writes moves of different runs in one transaction; each answer is at its move's place. `alone`: waits for a row that
 * somebody holds, and announces; else such a move is `locked`, and the caller announces the others. SC005: the worker
 * was declared dead.
 */
export async function advanceRuns(db: Db, worker: number, moves: readonly Move[], alone: boolean): Promise<Advance[]> {
  const rows = await callPrepared<AdvanceRow>(
    db,
    'advance_runs',
    `select ${ANSWER} from stepcast.advance_runs(
       $1, $2::uuid[], $3::bigint[], $4::bigint[], $5::integer[], $6::text[], $7::jsonb[], $8::text[], $9::boolean[], $10)`,
    [
      worker,
      moves.map(({ run }) => run),
      moves.map(({ lease }) => lease),
      moves.map(({ ending }) => ending?.id ?? null),
      moves.map(({ ending }) => ending?.attempt ?? null),
      moves.map(({ ending }) => ending?.status ?? null),
      moves.map(({ ending }) => ending?.output ?? null),
      moves.map(({ ending }) => ending?.reason ?? null),
      moves.map(({ settles }) => settles),
      alone,
    ],
  )
  return rows.sort((a, b) => a.place - b.place).map(advanceOf)
}

function advanceOf({ place: _, lease, revision, began, wake_ms, ...row }: AdvanceRow): Advance {
  return {
    ...row,
    lease: Number(lease),
    revision: Number(revision),
    began: began ?? [],
    wakeMs: wake_ms === null ? null : Number(wake_ms),
  }
}

async function advanceBy(db: Db, name: string, values: unknown[]): Promise<Advance> {
  const parameters = values.map((_, index) => `$${index + 1}`).join(', ')
  const rows = await callPrepared<AdvanceRow>(db, name, `select ${ANSWER} from stepcast.${name}(${parameters})`, values)
  return advanceOf(rows[0] as AdvanceRow)
}

/** Which worker reports, on which run, under which lease. */
interface Said extends Leased {
  worker: number
}

export interface FailedAttempt extends Said {
  step: number
  attempt: number
  failure: Failure
  /** Whether the step's retries may be used. */
  retryable: boolean
}

/**
 * An attempt of a step failed: the step waits for its next one, or has failed for good. Throws SC004 if the attempt is
 * over, and SC005.
 */
export function failAttempt(db: Db, { failure, ...said }: FailedAttempt): Promise<Advance> {
  const { worker, run, lease, step, attempt, retryable } = said
  const { message, stack } = failure
  return advanceBy(db, 'fail_attempt', [worker, run, lease, step, attempt, message, stack, retryable, true])
}

/**
 * Finds out what became of an attempt whose end was written in a transaction of unknown outcome. `done`: it was not
 * written; `over`: it was. `began`: all attempts that are running now.
 */
export function resumeRun(db: Db, said: Said & { step: number; attempt: number }): Promise<Advance> {
  return advanceBy(db, 'resume_run', [said.worker, said.run, said.lease, said.step, said.attempt])
}

/**
 * Gives a run back after a fault below its handlers; does nothing if the lease is stale. True: after too many of these
 * the run has failed.
 */
export async function releaseRun(db: Db, { worker, run, lease, reason }: Said & { reason: string }): Promise<boolean> {
  const sql = 'select stepcast.release_run($1, $2, $3, $4) as failed'
  const [row] = await call<{ failed: boolean }>(db, sql, [worker, run, lease, reason])
  return row?.failed ?? false
}

/**
 * For a claim that met a run with a worker. `free`: claim it again; `taken over`: from a dead worker, and its new job
 * will claim it.
 */
export async function settleClaim(db: Db, run: string, worker: number): Promise<'free' | 'taken over' | 'held'> {
  const rows = await call<{ now: 'free' | 'taken over' | 'held' }>(db, 'select stepcast.settle_claim($1, $2) as now', [
    run,
    worker,
  ])
  return rows[0]?.now ?? 'held'
}

/** Requests a place for a run in its slot; false: it is parked until one is free. */
export async function admitRun(db: Db, run: string): Promise<boolean> {
  const [row] = await call<{ admitted: boolean }>(db, 'select stepcast.admit_run($1) as admitted', [run])
  return row?.admitted ?? false
}

/** Whether nobody holds the run's row at the moment. */
export async function runIsFree(db: Db, run: string): Promise<boolean> {
  const [row] = await call<{ free: boolean }>(db, 'select stepcast.run_is_free($1) as free', [run])
  return row?.free ?? false
}

/** Queues a run again for later, from within its own job. */
export async function postponeRun(db: Db, run: string, ms: number): Promise<void> {
  await call(db, "select stepcast.postpone_run($1, $2 * interval '1 millisecond')", [run, ms])
}

/** An error as it is stored: the message for people, and the stack with the chain of causes. */
export interface Failure {
  message: string
  stack: string | null
}

/** Fails a run that no worker drives; false: one does, or it is finished. */
export async function refuseRun(db: Db, run: string, message: string): Promise<boolean> {
  const [row] = await call<{ refused: boolean }>(db, 'select stepcast.refuse_run($1, $2) as refused', [run, message])
  return row?.refused ?? false
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

/** A step that ended well; only a completed one has an output. */
export interface StepEnd {
  step: string
  status: 'completed' | 'skipped'
  output: unknown
}

/** Those of a run's steps, given by name, that have ended well. */
export function readResults(db: Db, run: string, steps: readonly string[]): Promise<StepEnd[]> {
  return call<StepEnd>(db, 'select step, status, output from stepcast.results_of($1, $2)', [run, steps])
}

/** How a run ended, within the transaction that ended it. */
export async function readEnd(
  db: Db,
  run: string,
): Promise<{ status: 'completed' | 'failed' | 'cancelled'; error: string | null }> {
  const rows = await call<{ status: 'completed' | 'failed' | 'cancelled'; error: string | null }>(
    db,
    'select status, error from stepcast.end_of_run($1)',
    [run],
  )
  return rows[0] as (typeof rows)[0]
}
