/**
 * What a browser, a server and a worker agree on: the JSON that the database writes and everyone else passes on.
 * Times are ISO 8601 strings with their offset from UTC, which is the database's, durations integer milliseconds,
 * progress an integer from 0 to 100.
 */

export type RunStatus = 'pending' | 'running' | 'completed' | 'failed' | 'cancelled'
export type StepStatus = RunStatus | 'skipped'
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** A text, or one per BCP 47 language tag: `{ en: 'Push template', 'zh-CN': '推送项目模板' }`. The first is the fallback. */
export type Localized = string | Readonly<Record<string, string>>

export type JsonObject = { [key: string]: unknown }

/** One row of `stepcast.runs`, less what only those with the right to debug may see. */
export interface Run {
  id: string
  workflow: string
  workflowVersion: string
  /** The application's own name for the run; null: it was started without one. */
  key: string | null
  displayName: string
  /** The display name per language; null: the workflow has only one. */
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
  /** It waits for a place, for only so many of its kind may run at a time; null: it does not. */
  parkedBy: number | null
  createdAt: string
  /** Who started it: a role of the database, or whoever the server says asked. */
  createdBy: string
  startedAt: string | null
  completedAt: string | null
  duration: number | null
  updatedAt: string
}

/** One row of `stepcast.steps`. A sub-step has a parent. */
export interface Step {
  id: number
  parentId: number | null
  step: string
  displayName: string
  displayNames: Record<string, string> | null
  /** Order among its siblings, from 1. */
  sequence: number
  status: StepStatus
  progress: number
  /** Its share of the run's bar, frozen when the run was created. */
  weight: number
  /** Median milliseconds of past runs when this one was created; null: too few to say. */
  usual: number | null
  /** What 95 % of them took at most. */
  usualP95: number | null
  /** How many past runs these two stand on. */
  usualRuns: number | null
  message: string | null
  messages: Record<string, string> | null
  /** The number of the latest attempt, 0 before the first. */
  attempt: number
  /** The number of its last attempt, should the ones before it fail. */
  lastAttempt: number
  nextAttemptAt: string | null
  /** Why it failed, or why it waits for its next attempt. */
  error: string | null
  errorStack: string | null
  metadata: JsonObject
  startedAt: string | null
  completedAt: string | null
  duration: number | null
  /** The run's revision that changed this row last. */
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
  /** Dense per run, from 1. */
  line: number
  stepId: number | null
  at: string
  level: LogLevel
  message: string
}

/** One row of `stepcast.journal`: a change of status, or what an operator did. */
export interface JournalEntry {
  /** Dense per run, from 1, in commit order. */
  entry: number
  at: string
  actor: string
  /**
   * `status` for a change of status; `create`, `import`, `cancel`, `retry`, `delete`, `operate`, `stuck`, `take over`,
   * `hand over` for who caused it.
   */
  action: string
  stepId: number | null
  step: string | null
  attempt: number | null
  from: StepStatus | null
  to: StepStatus | null
  reason: string | null
}

/** SSE `snapshot`: everything a watcher needs; replaces what it had. `now` is the database's clock. */
export interface Snapshot {
  run: Run
  steps: Step[]
  now: string
}

/** SSE `patch`: of the run all that can change, and the steps changed since the watcher's revision, whole. */
export interface Patch {
  run: Partial<Run> & Pick<Run, 'id' | 'revision'>
  steps: Step[]
  now: string
}

/** Where a run is: its step that runs, else failed or was cancelled, else comes next, else the last one. */
export interface Position {
  /** null, as its names are: the run has no steps. */
  step: string | null
  displayName: string | null
  displayNames: Record<string, string> | null
  /** From 1; null: the run has no steps. */
  number: number | null
  total: number
  message: string | null
  messages: Record<string, string> | null
  /** When the step is tried again; null: it does not wait for that. */
  nextAttemptAt: string | null
  /** When the run should be done, by what its steps usually take; null: it is finished, or too few were to say. */
  expectedAt: string | null
}

/** `GET /runs`, and a run of a live list as clients put it together. */
export interface ListedRun extends Run {
  current: Position | null
}

/** SSE `snapshot` of a run in a live list: the run without its steps, but with where it is. */
export interface Row {
  run: Run
  steps: null
  current: Position | null
  now: string
}

/** SSE `patch` of a run in a live list: all of it that can change, and where it is now. */
export interface RowPatch {
  run: Patch['run']
  steps: null
  current: Position | null
  now: string
}

/** SSE `log`: lines in order; a line that was already seen may come again and is dropped by its number. */
export interface LogBatch {
  run: Pick<Run, 'id' | 'revision'>
  lines: LogLine[]
}

/** SSE `end`: nothing more will come of this run unless it is retried. */
export interface End {
  run: Pick<Run, 'id' | 'revision'> & { status: RunStatus | null }
  /**
   * The run's final status, or `deleted` / `not-found` where there is no such run (any more). `left`: it has left the
   * live lists of this connection, and says nothing of a run that is watched by itself as well.
   */
  reason: 'completed' | 'failed' | 'cancelled' | 'deleted' | 'not-found' | 'left'
}

/** Why nothing more comes of a run that is watched by itself. */
export type EndReason = Exclude<End['reason'], 'left'>

/**
 * `GET /runs/:id`: the snapshot and what the stream leaves out. Without `run:debug` input, output
 * and every stack are null.
 */
export interface RunDetails extends Snapshot {
  run: Run & { input: unknown; output: unknown }
  /** The newest of every step and then the latest, until their errors and stacks have 16 MiB. */
  attempts: Attempt[]
  /** The journal without changes of status, the latest 100: who started, cancelled, retried it, and why. */
  operations: JournalEntry[]
  /** Whether it waits for a worker and none that lives has its version of the workflow. */
  unserved: boolean
}

/** `GET /workflows`: what can be started. */
export interface WorkflowInfo {
  name: string
  version: string
  displayName: string
  displayNames: Record<string, string> | null
  steps: { step: string; displayName: string; displayNames: Record<string, string> | null; weight: number }[]
  /** JSON Schema (draft 2020-12) of the input; null: the input is not checked. */
  inputSchema: JsonObject | null
  registeredAt: string
}

/** What statistics say of a workflow's finished runs, or of the runs that reached a step. */
interface Numbers {
  runs: number
  completed: number
  failed: number
  cancelled: number
  /** completed / (completed + failed), from 0 to 1; null: none was either. */
  successRate: number | null
  /** Attempts after the first. */
  retries: number
  /** Of what completed, as all durations here; null: nothing did. */
  averageDuration: number | null
  p50Duration: number | null
  p95Duration: number | null
}

/** `GET /stats`: what the statistics of `docs/history.md` say of runs that ended from `since` on and before `until`. */
export interface Stats {
  /** null: all there are. Later than what was asked for where more runs ended than are counted at once. */
  since: string | null
  until: string
  /**
   * From when on `workflows` and their steps count: later than `since` where there are too many
   * steps to be counted at once.
   */
  workflowsSince: string | null
  workflows: WorkflowStats[]
  /** Of all these workflows together. */
  total: RunNumbers
  /** Of what completed; without the empty buckets at both ends. */
  durations: DurationBucket[]
  /** A point for each unit of time, without gaps. */
  trend: { unit: TrendUnit; zone: string; points: TrendPoint[] }
}

export type RunNumbers = Omit<Numbers, 'retries'>

/** How many took so long. */
export interface DurationBucket {
  /** Milliseconds. */
  atLeast: number
  /** null: without end. */
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
  /** The fullest step first. */
  running: RunningStep[]
  /** Pending runs that could begin now, and since when the first of them could. */
  waiting: { runs: number; since: string | null }
  /** When a run of these workflows ended last; null: none did. It changes when the other statistics do. */
  lastEnd: string | null
  /** The server's clock. */
  at: string
}

/** How many running runs are in a step, and since when the first of them is. */
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
  /** In order, sub-steps last. */
  steps: StepStats[]
}

export interface StepStats extends Numbers {
  /** Name of the parent step; null: a step of the workflow itself. */
  parent: string | null
  step: string
  /** Of its current definition, where that does not depend on the input; else made from its name. */
  displayName: string
  displayNames: Record<string, string> | null
  skipped: number
}

/**
 * Why a run does not get on. `no-worker`: none is alive; `no-version`: none has the run's version of its workflow;
 * `dead-worker`: its own is dead; `silent`: nobody reported it by its deadline; `given-back`: for faults below its
 * handlers, again and again; `no-change`: a step shows none; `no-on-end`: it has ended, and onEnd has not been run.
 */
export type StuckReason =
  | 'no-worker'
  | 'no-version'
  | 'dead-worker'
  | 'silent'
  | 'given-back'
  | 'no-change'
  | 'no-on-end'

/** `GET /stuck`: an unfinished run that does not get on, and one reason for it. */
export interface StuckRun extends Pick<Run, 'id' | 'workflow' | 'key' | 'displayName' | 'displayNames' | 'status'> {
  /** null: it is not about a step. */
  step: string | null
  reason: StuckReason
  /** In English, with names and numbers. */
  why: string
  since: string
}

/** Which runs a live list holds: the newest of those that are visible and fit all that is given. */
export interface ListFilter {
  workflow?: string
  /** One of them, or any of some. */
  status?: RunStatus | readonly RunStatus[]
  /** The application's own name for the run, whole. */
  key?: string
  /** What its id, its key or its workflow's name begins with. */
  q?: string
  /** From 1 to 200. Default 50. */
  limit?: number
}

/** What a watcher of many asks for. */
export type Subscription = { run: string; since?: string } | { workflow: string; key: string } | ListFilter
