/**
 * What a browser, a server and a worker agree on: the JSON that the database writes and everyone else passes on.
 * Times are ISO 8601 strings with the database's offset from UTC, durations are integer milliseconds, and progress is
 * an integer from 0 to 100.
 */

export type RunStatus = 'pending' | 'running' | 'completed' | 'failed' | 'cancelled'
export type StepStatus = RunStatus | 'skipped'
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** A string, or one per BCP 47 tag: `{ en: 'Push template', 'zh-CN': '推送项目模板' }`. The first is the fallback. */
export type Localized = string | Readonly<Record<string, string>>

export type JsonObject = { [key: string]: unknown }

/** One row of `stepcast.runs`, without what only those with the right to debug may see. */
export interface Run {
  id: string
  workflow: string
  workflowVersion: string
  /** The application's own name for the run; null if it was started without one. */
  key: string | null
  displayName: string
  /** The display name per language; null if the workflow has only one. */
  displayNames: Record<string, string> | null
  status: RunStatus
  progress: number
  error: string | null
  errorStack: string | null
  metadata: JsonObject
  /** Rises with every change to the run, its steps or its logs; never falls within an epoch. */
  revision: number
  priority: number
  runAt: string
  /** The concurrency limit, while the run waits for a place under it; null if it does not wait for one. */
  parkedBy: number | null
  createdAt: string
  /** Who started it: a database role, or the principal that the server names. */
  createdBy: string
  startedAt: string | null
  completedAt: string | null
  duration: number | null
  updatedAt: string
}

/** One row of `stepcast.steps`. A sub-step has a `parentId`. */
export interface Step {
  id: number
  parentId: number | null
  step: string
  displayName: string
  displayNames: Record<string, string> | null
  /** Position among its siblings, from 1. */
  sequence: number
  status: StepStatus
  progress: number
  /** Its share of the run's progress bar, fixed when the run was created. */
  weight: number
  /** Median duration in past runs, as of this run's creation; null if there were too few. */
  usual: number | null
  /** 95th percentile of the same durations. */
  usualP95: number | null
  /** How many past runs these two are based on. */
  usualRuns: number | null
  message: string | null
  messages: Record<string, string> | null
  /** The number of the latest attempt, 0 before the first. */
  attempt: number
  /** The number of the last attempt it may make, if the ones before it fail. */
  lastAttempt: number
  nextAttemptAt: string | null
  /** Why it failed, or why it is waiting for its next attempt. */
  error: string | null
  errorStack: string | null
  metadata: JsonObject
  startedAt: string | null
  completedAt: string | null
  duration: number | null
  /** The run's revision that last changed this row. */
  revision: number
}

export interface Attempt {
  stepId: number
  attempt: number
  worker: string | null
  status: StepStatus
  error: string | null
  errorStack: string | null
  startedAt: string
  completedAt: string | null
  duration: number | null
}

export interface LogLine {
  /** Numbered per run from 1, without gaps. */
  line: number
  stepId: number | null
  at: string
  level: LogLevel
  message: string
}

/** One row of `stepcast.journal`: a change of status, or what an operator did. */
export interface JournalEntry {
  /** Numbered per run from 1, without gaps, in commit order. */
  entry: number
  at: string
  actor: string
  /**
   * `status` for a change of status; `create`, `import`, `cancel`, `retry`, `delete`, `operate`, `stuck`, `take over`
   * or `hand over` for who caused it.
   */
  action: string
  stepId: number | null
  step: string | null
  attempt: number | null
  from: StepStatus | null
  to: StepStatus | null
  reason: string | null
}

/** SSE `snapshot`: everything a watcher needs. It replaces what the watcher had. `now` is the database's clock. */
export interface Snapshot {
  run: Run
  steps: Step[]
  now: string
}

/** SSE `patch`: every field of the run that can change, and in full each step changed since the watcher's revision. */
export interface Patch {
  run: Partial<Run> & Pick<Run, 'id' | 'revision'>
  steps: Step[]
  now: string
}

/** Where a run is: the step that runs, else the one that failed or was cancelled, else the next, else the last. */
export interface Position {
  /** null, like its display names, if the run has no steps. */
  step: string | null
  displayName: string | null
  displayNames: Record<string, string> | null
  /** From 1; null if the run has no steps. */
  number: number | null
  total: number
  message: string | null
  messages: Record<string, string> | null
  /** When the step is tried again; null if it is not waiting for a retry. */
  nextAttemptAt: string | null
  /**
   * When the run should be done, judging by how long its steps usually take; null if it is finished, or if there were
   * too few past runs.
   */
  expectedAt: string | null
}

/** A run of `GET /runs`, and of a live list as clients assemble it. */
export interface ListedRun extends Run {
  current: Position | null
}

/** SSE `snapshot` of a run in a live list: the run and its position, without its steps. */
export interface Row {
  run: Run
  steps: null
  current: Position | null
  now: string
}

/** SSE `patch` of a run in a live list: every field that can change, and the position it now has. */
export interface RowPatch {
  run: Patch['run']
  steps: null
  current: Position | null
  now: string
}

/** SSE `log`: lines in order. A line may arrive again; drop it by its number. */
export interface LogBatch {
  run: Pick<Run, 'id' | 'revision'>
  lines: LogLine[]
}

/** SSE `end`: nothing more follows for this run, unless it is retried. */
export interface End {
  run: Pick<Run, 'id' | 'revision'> & { status: RunStatus | null }
  /**
   * The run's final status, or `deleted` / `not-found` if there is no such run (any more). `left`: the run has left the
   * live lists of this connection, which means nothing for the same run watched on its own.
   */
  reason: 'completed' | 'failed' | 'cancelled' | 'deleted' | 'not-found' | 'left'
}

/** Why nothing more follows for a run that is watched on its own. */
export type EndReason = Exclude<End['reason'], 'left'>

/**
 * `GET /runs/:id`: the snapshot, and what the stream leaves out. Without `run:debug`, input, output
 * and every stack are null.
 */
export interface RunDetails extends Snapshot {
  run: Run & { input: unknown; output: unknown }
  /** First the newest attempt of every step, then the latest others, until errors and stacks add up to 16 MiB. */
  attempts: Attempt[]
  /** The latest 100 journal entries that are not changes of status: who started, cancelled or retried it, and why. */
  operations: JournalEntry[]
  /** Whether it waits for a worker while no live worker has its version of the workflow. */
  unserved: boolean
}

/** `GET /workflows`: what can be started. */
export interface WorkflowInfo {
  name: string
  version: string
  displayName: string
  displayNames: Record<string, string> | null
  steps: { step: string; displayName: string; displayNames: Record<string, string> | null; weight: number }[]
  /** JSON Schema (draft 2020-12) of the input; null if the input is not checked. */
  inputSchema: JsonObject | null
  registeredAt: string
}

/** Statistics of a workflow's finished runs, or of the runs that reached a step. */
interface Numbers {
  runs: number
  completed: number
  failed: number
  cancelled: number
  /** completed / (completed + failed), from 0 to 1; null if no run was either. */
  successRate: number | null
  /** Attempts after the first. */
  retries: number
  /** Only of what completed, like all durations here; null if nothing did. */
  averageDuration: number | null
  p50Duration: number | null
  p95Duration: number | null
}

/** `GET /stats`: the statistics of `docs/history.md`, for runs that ended at or after `since` and before `until`. */
export interface Stats {
  /** null: all runs count. Later than requested if more runs ended than are counted at once. */
  since: string | null
  until: string
  /**
   * Start of the window that `workflows` and their steps cover: later than `since` if there are too many steps to
   * count at once.
   */
  workflowsSince: string | null
  workflows: WorkflowStats[]
  /** All these workflows together. */
  total: RunNumbers
  /** Only completed runs; empty buckets at both ends are left out. */
  durations: DurationBucket[]
  /** A point for each unit of time, without gaps. */
  trend: { unit: TrendUnit; zone: string; points: TrendPoint[] }
}

export type RunNumbers = Omit<Numbers, 'retries'>

/** How many runs took this long. */
export interface DurationBucket {
  /** Milliseconds. */
  atLeast: number
  /** Milliseconds; null: no upper bound. */
  below: number | null
  runs: number
}

export type TrendUnit = 'hour' | 'day' | 'week' | 'month'

export interface TrendPoint extends Omit<RunNumbers, 'averageDuration'> {
  /** When the hour, day, week or month begins. */
  at: string
}

/** `GET /stats/running`: where the unfinished runs are now. */
export interface RunningStats {
  /** The step with the most runs first. */
  running: RunningStep[]
  /** Pending runs that could begin now, and since when the first of them could have. */
  waiting: { runs: number; since: string | null }
  /** When a run of these workflows last ended; null if none did. It changes whenever the other statistics do. */
  lastEnd: string | null
  /** The server's clock. */
  at: string
}

/** How many running runs are in a step, and since when the first of them has been. */
export interface RunningStep {
  workflow: string
  step: string
  displayName: string
  displayNames: Record<string, string> | null
  runs: number
  since: string
}

/** One of a tenant's workflows. */
export interface WorkflowStats extends Numbers {
  workflow: string
  /** In workflow order, sub-steps last. */
  steps: StepStats[]
}

export interface StepStats extends Numbers {
  /** Name of the parent step; null for a step of the workflow itself. */
  parent: string | null
  step: string
  /** From its current definition, if that does not depend on the input; else made from its name. */
  displayName: string
  displayNames: Record<string, string> | null
  skipped: number
}

/**
 * Why a run makes no progress. `no-worker`: no worker is alive; `no-version`: none has the run's version of its
 * workflow; `dead-worker`: its own worker is dead; `silent`: nothing was reported by its deadline; `given-back`: it is
 * given back again and again, for faults below its handlers; `no-change`: a step shows no change; `no-on-end`: it has
 * ended, but its onEnd has not run.
 */
export type StuckReason =
  | 'no-worker'
  | 'no-version'
  | 'dead-worker'
  | 'silent'
  | 'given-back'
  | 'no-change'
  | 'no-on-end'

/** `GET /stuck`: an unfinished run that makes no progress, and one reason for it. */
export interface StuckRun extends Pick<Run, 'id' | 'workflow' | 'key' | 'displayName' | 'displayNames' | 'status'> {
  /** null if the reason is not about a step. */
  step: string | null
  reason: StuckReason
  /** The reason in English, with names and numbers. */
  why: string
  since: string
}

/** Which runs a live list holds: the newest of the visible runs that match every given field. */
export interface ListFilter {
  workflow?: string
  /** One status, or any of several. */
  status?: RunStatus | readonly RunStatus[]
  /** The application's own name for the run, in full. */
  key?: string
  /** Prefix of its id, its key or its workflow's name. */
  q?: string
  /** Number of runs, from 1 to 200. Default 50. */
  limit?: number
}

/** One entry of what a watcher of several runs requests. */
export type Subscription = { run: string; since?: string } | { workflow: string; key: string } | ListFilter
