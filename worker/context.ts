import type { QueryConfig, QueryResult, QueryResultRow } from 'pg'
import type { JsonObject, Localized, LogLevel } from '../db/contract.ts'
import type { RunInfo } from '../db/engine.ts'

/** A transaction that opens at its first statement and commits with the step, sub-step or end that it belongs to. */
export interface Tx {
  /** As in `pg`. Throws once the step has ended; a step's own `tx` also while one of its sub-steps is running. */
  query<Row extends QueryResultRow = QueryResultRow>(
    query: string | QueryConfig,
    values?: unknown[],
  ): Promise<QueryResult<Row>>
}

/** A percentage from 0 to 100, clamped; or a count, which is also shown as “184 of 297”. */
export type ProgressReport = number | { current: number; total: number }

/** What steps and sub-steps have in common. */
export interface BaseContext {
  readonly run: Readonly<RunInfo>
  /** From 1; rises with every attempt of this step, also after a crash or a retry. */
  readonly attempt: number
  /**
   * Aborted when the work is no longer wanted here: it was cancelled, timed out, counts as stuck or was taken over, the
   * worker is shutting down, or the attempt has failed. Not after an attempt that has completed, which was not in vain.
   */
  readonly signal: AbortSignal
  /** For short work: a transaction open for over 30 seconds slows the whole database, and is logged. */
  readonly tx: Tx
  /** `run id/step[/sub-step]`: the same in every attempt, for services that ignore a request they have already seen. */
  readonly idempotencyKey: string
  /**
   * Reports progress. Never blocks: a step's newest report is written as soon as the previous write is done.
   * @throws TypeError for metadata that is not JSON (a function, a bigint, a circular reference) or over 1 MiB
   */
  report(progress: ProgressReport, message?: Localized, metadata?: JsonObject): void
  /**
   * From now on, masks a value as `•••` in every string of the run that this process stores or emits: messages,
   * metadata, log lines, errors and stacks, outputs. Call it in each step that uses the value: another process may run
   * the next one.
   * @returns the value itself
   * @throws TypeError for a string of less than four characters
   */
  secret(value: string): string
  /**
   * Appends a line to the run's log. Default level: info. A line is cut after 16,384 characters. While 10,000 lines of
   * the run wait to be written, further ones are dropped, and a line says so.
   */
  log(message: string, level?: LogLevel): void
  /**
   * Runs a part of the step once, by its name: if one of this name is already completed, in this attempt or an earlier
   * one, `fn` is not called, and the result comes from its row. So each part of a step needs a name of its own.
   * Await it: what is still running when its handler returns is cancelled.
   * @returns what `fn` returned, after a round trip through JSON; null if it returned nothing
   */
  substep<Output>(name: string, fn: (sub: SubstepContext) => Promise<Output> | Output): Promise<Output>
}

export interface SubstepContext extends BaseContext {}

export interface StepContext<Input, Results> extends BaseContext {
  readonly input: Input
  /**
   * What the steps in its `needs` returned, by name; without `needs`, all steps defined before it that have completed.
   * null for a step that returned nothing, no entry for one that was skipped.
   */
  readonly results: Results
  /** Ends the step here as skipped, with this reason. What it wrote through `tx` commits with that. */
  skip(reason: string): never
}

/** What `when` is called with. */
export interface Condition<Input, Results> {
  readonly input: Input
  readonly results: Results
  readonly run: Readonly<RunInfo>
}

export type Handler<Input, Results extends object, Output = unknown> = (
  ctx: StepContext<Input, Results>,
) => Promise<Output> | Output

export interface RunEnd<Input> {
  status: 'completed' | 'failed' | 'cancelled'
  /** Why it failed or was cancelled; null if it completed, or if no reason was given. */
  error: string | null
  /**
   * The output of the workflow's schema. If the schema does not accept the input, which may be why the run failed, the
   * input as it was given.
   */
  input: Input
  run: Readonly<RunInfo>
  tx: Tx
}

export type EndHandler<Input> = (end: RunEnd<Input>) => unknown
