import { call } from './call.ts'
import type { Db } from './client.ts'
import type { DurationBucket, RunningStats, Stats, TrendUnit, WorkflowStats } from './contract.ts'
import { StepcastError } from './errors.ts'

/** How many of the newest runs are counted at once, and how many if their steps are read: see docs/history.md. */
const MOST_RUNS = 500_000
const MOST_RUNS_WITH_STEPS = 10_000

export interface ReadStatsOptions {
  tenant: string
  /** Default: every workflow. */
  workflow?: string | undefined
  /** ISO 8601; only runs that ended at or after this. Default: all runs. */
  since?: string | undefined
  /** ISO 8601; only runs that ended before this. */
  until?: string | undefined
}

/** The statistics of a tenant's workflows, by name, however long it takes. */
export function readStats(db: Db, { workflow, ...rest }: ReadStatsOptions): Promise<WorkflowStats[]> {
  return readWorkflows(db, { ...rest, workflows: workflow === undefined ? null : [workflow] })
}

export interface ReadBoundedOptions {
  tenant: string
  workflows: string[]
  since?: string | undefined
  until?: string | undefined
  /** IANA name: in which time zone a day begins. */
  zone: string
}

interface Window {
  since: string | null
  workflowsSince: string | null
  until: string
  /** Where the trend begins. */
  first: string
  unit: TrendUnit
}

/**
 * All statistics of these workflows of a tenant, of the newest runs where there are too many: it takes some seconds at
 * most.
 */
export async function readBoundedStats(db: Db, o: ReadBoundedOptions): Promise<Stats> {
  const { tenant, workflows, zone } = o
  const { first, unit, ...window } = await readWindow(db, o)
  const { since, workflowsSince, until } = window
  const [list, { trend, ...together }] = await Promise.all([
    readWorkflows(db, { tenant, workflows, since: workflowsSince ?? undefined, until }),
    readTogether(db, [tenant, workflows, since ?? '-infinity', until, first, unit, zone]),
  ])
  return { ...window, workflows: list, ...together, trend: { unit, zone, points: trend } }
}

/** SC006 for a window that ends before it begins: the database compares, since a date depends on its zone. */
async function readWindow(
  db: Db,
  { tenant, workflows, since, until }: Omit<ReadBoundedOptions, 'zone'>,
): Promise<Window> {
  const [row] = await call<{ window: Window; isReversed: boolean | null }>(
    db,
    `select stepcast.stats_window($1, $2, $3, $4, $5, $6) as window, $4::timestamptz < $3::timestamptz as "isReversed"`,
    [tenant, workflows, since ?? null, until ?? null, MOST_RUNS, MOST_RUNS_WITH_STEPS],
  )
  if (row?.isReversed)
    throw new StepcastError('SC006', `until ${until} is before since ${since}`, { hint: 'Exchange them.' })
  return (row as { window: Window }).window
}

type Together = Pick<Stats, 'total' | 'durations'> & { trend: Stats['trend']['points'] }

async function readTogether(db: Db, values: unknown[]): Promise<Together> {
  const [row] = await call<{ stats: Together }>(
    db,
    'select stepcast.read_run_stats($1, $2, $3, $4, $5, $6, $7) as stats',
    values,
  )
  return (row as { stats: Together }).stats
}

interface ReadWorkflowsOptions extends Omit<ReadStatsOptions, 'workflow'> {
  /** null: every one. */
  workflows: string[] | null
}

async function readWorkflows(db: Db, o: ReadWorkflowsOptions): Promise<WorkflowStats[]> {
  const rows = await call<{ stats: WorkflowStats }>(db, 'select stats from stepcast.read_stats($1, $2, $3, $4) stats', [
    o.tenant,
    o.workflows,
    o.since ?? '-infinity',
    o.until ?? 'infinity',
  ])
  return rows.map(({ stats }) => stats)
}

/** Where the unfinished runs of these workflows of a tenant are now. */
export async function readRunningStats(db: Db, tenant: string, workflows: string[]): Promise<RunningStats> {
  const [row] = await call<{ stats: RunningStats }>(db, 'select stepcast.read_running_stats($1, $2) as stats', [
    tenant,
    workflows,
  ])
  return (row as { stats: RunningStats }).stats
}

export interface ReadDurationsOptions {
  tenant: string
  workflow: string
  /** Default: the workflow's runs as a whole. */
  step?: string | undefined
  /** The step's parent. Default: it is a step of the workflow itself. */
  parent?: string | undefined
  since?: string | undefined
  until?: string | undefined
}

export interface Durations {
  /** null: all there are. */
  since: string | null
  until: string
  durations: DurationBucket[]
}

/** Histogram of how long a workflow, or a step of it, took where it completed, bounded as all statistics are. */
export async function readDurations(db: Db, o: ReadDurationsOptions): Promise<Durations> {
  const { tenant, workflow, step, parent, ...asked } = o
  const window = await readWindow(db, { tenant, workflows: [workflow], ...asked })
  const { until } = window
  const since = step === undefined ? window.since : window.workflowsSince
  const rows = await call<{ bucket: DurationBucket }>(
    db,
    'select bucket from stepcast.read_durations($1, $2, $3, $4, $5, $6) bucket',
    [tenant, workflow, parent ?? null, step ?? null, since ?? '-infinity', until],
  )
  return { since, until, durations: rows.map(({ bucket }) => bucket) }
}

/** The workflows of which a tenant has a run, by name. */
export async function listWorkflowsWithRuns(db: Db, tenant: string): Promise<string[]> {
  const rows = await call<{ workflow: string }>(
    db,
    'select workflow from stepcast.workflows_with_runs($1) workflow order by workflow',
    [tenant],
  )
  return rows.map(({ workflow }) => workflow)
}
