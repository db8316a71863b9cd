/** How an attempt of a step ended in this process. */
export type AttemptOutcome =
  | 'completed'
  | 'skipped'
  | 'failed'
  /** Its end is not ours to write: cancelled, taken over, stopped with its worker. */
  | 'dropped'
  /** Something below its handler was at fault: the run was given back. */
  | 'fault'

/** The outcome of a Graphile job: it drove the run, found nothing to drive, or failed and is tried again. */
export type JobOutcome = 'driven' | 'idle' | 'failed'

/** What a worker counts. A channel of node:diagnostics_channel would mix up the workers of one process. */
export interface Meter {
  flushed(reports: number, lines: number, ms: number): void
  flushFailed(): void
  /** A write was refused because its lease is stale. */
  fenced(): void
  /** This many runs were taken over from dead workers. */
  tookOver(runs: number): void
  /** A transaction of a handler has been open for 30 s. */
  openedLong(): void
  /** The number of runs driven here has changed by this. */
  drives(change: number): void
  didJob(workflow: string, outcome: JobOutcome): void
  attempted(workflow: string, step: string, outcome: AttemptOutcome): void
  /** A write of this process has ended a run. */
  ended(workflow: string, status: 'completed' | 'failed'): void
}

function nothing(): void {}

/** The meter of a worker without metrics. */
export const noMeter: Meter = {
  flushed: nothing,
  flushFailed: nothing,
  fenced: nothing,
  tookOver: nothing,
  openedLong: nothing,
  drives: nothing,
  didJob: nothing,
  attempted: nothing,
  ended: nothing,
}
