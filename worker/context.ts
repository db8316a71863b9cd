import type { QueryConfig, QueryResult, QueryResultRow } from 'pg'
import type { JsonObject, Localized, LogLevel } from '../db/contract.ts'
import type { RunInfo } from '../db/engine.ts'

/** A transaction that opens at its first statement and commits with the step, sub-step or end that it belongs to. */
export interface Tx {
  /** As in `pg`. Throws once the step has ended, and (the step's own `tx`) while a sub-step of it is running. */
  query<Row extends QueryResultRow = QueryResultRow>(
    query: string | QueryConfig,
    values?: unknown[],
  ): Promise<QueryResult<Row>>
}

/** From 0 to 100, clamped; or a count, which also shows as “184 of 297”. */
export type ProgressReport = number | { current: number; total: number }

/** What steps and sub-steps have in common. */
export interface BaseContext {
  readonly run: Readonly<RunInfo>
  /** From 1; rises with every attempt of this step, after a crash and after a retry too. */
  readonly attempt: number
  /**
   * Aborted when the work is no longer wanted here: cancelled, timed out, stuck, taken over, shutdown, the attempt
   * over.
   */
  readonly signal: AbortSignal
  /** For short work: one open for over 30 seconds slows the whole database, and is logged. */
  readonly tx: Tx
  /** `run id/step[/sub-step]`: the same in every attempt, for services that drop a request they have seen. */
  readonly idempotencyKey: string
  /**
   * Reports progress. Never blocks: the newest report of a step is written as soon as the last write is done.
   * @throws TypeError for metadata that is not JSON (a function, a bigint, a circle) or over 1 MiB
   */
  report(progress: ProgressReport, message?: Localized, metadata?: JsonObject): void
  /**
   * Has a value masked as `•••` wherever this process keeps or tells a text of the run from now on: messages, metadata,
   * log lines, errors and stacks, outputs. Call it in each step that uses the value: another process may run the next.
   * @returns the value itself
   * @throws TypeError for a text of less than four characters
   */
  secret(value: string): string
  /**
   * Appends a line to the run's log. Default level: info. A line is cut after 16,384 characters; where 10,000 of the run
   * wait to be written, what comes then is dropped, and a line says so.
   */
  log(message: string, level?: LogLevel): void
  /**
   * Runs a part of the step once: after a restart, one that was completed answers from its row.
   * @returns what `fn` returned, as JSON gives it back; null where that is nothing.
   */
  substep<Output>(name: string, fn: (sub: SubstepContext) => Promise<Output> | Output): Promise<Output>
}

export interface SubstepContext extends BaseContext {}

export interface StepContext<Input, Results> extends BaseContext {
  readonly input: Input
  /**
   * What the steps in its `needs` returned, by name; without `needs`, all defined before it that have completed. null
   * where that is nothing, no entry for one that was skipped.
   */
  readonly results: Results
  /** Ends the step here as skipped, with the reason. What it wrote through `tx` commits with that. */
  skip(reason: string): never
}

/** What `when` is asked with. */
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
  /** Why it failed or was cancelled; null: it completed, or no reason was given. */
  error: string | null
  /**
   * As the workflow's schema makes it; as it was given where that does not accept it, which may be why the run failed.
   */
  input: Input
  run: Readonly<RunInfo>
  tx: Tx
}

export type EndHandler<Input> = (end: RunEnd<Input>) => Promise<void> | void
