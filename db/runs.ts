import { call, callPrepared, retrying } from './call.ts'
import type { Db } from './client.ts'
import type {
  JournalEntry,
  JsonObject,
  ListedRun,
  LogLevel,
  LogLine,
  Position,
  Run,
  RunDetails,
  RunStatus,
  StuckRun,
  WorkflowInfo,
} from './contract.ts'

/** Who acts for which tenant; the actor is recorded in the journal. */
export interface Actor {
  tenant: string
  actor: string
}

export interface StartRunOptions extends Actor {
  workflow: string
  input: unknown
  key?: string | undefined
  again?: boolean | undefined
  /** ISO 8601. Default: now. */
  runAt?: string | undefined
  priority?: number | undefined
  metadata?: JsonObject | undefined
  /** W3C trace context of the parent of the run's spans. Default: none. */
  trace?: { traceparent?: string | undefined; tracestate?: string | undefined } | undefined
}

/**
 * stepcast.start_run, and whether the run is new. With `announces` false, the caller announces it after the commit.
 * Throws SC001, SC006, SC007.
 */
export async function startRun(
  db: Db,
  o: StartRunOptions,
  announces = true,
): Promise<{ id: string; created: boolean }> {
  const [row] = await retrying(() =>
    call<{ id: string; created: boolean }>(
      db,
      // An open transaction may hold the key, and the caller holds one of few connections.
      `select s.id, s.created
       from (
         select set_config('lock_timeout', '1s', true), set_config('stepcast.actor', $1, true), set_config('stepcast.traceparent', $11, true), set_config('stepcast.tracestate', $12, true)
       ) settings
       cross join lateral stepcast.start_or_find_run($2, $3, $4, $5, $6, $7, $8, $9, $10) s`,
      [
        o.actor,
        o.workflow,
        JSON.stringify(o.input ?? {}),
        o.key ?? null,
        o.again ?? false,
        o.runAt ?? null,
        o.priority ?? 0,
        o.tenant,
        JSON.stringify(o.metadata ?? {}),
        announces,
        o.trace?.traceparent ?? '',
        o.trace?.tracestate ?? '',
      ],
    ),
  )
  return row as { id: string; created: boolean }
}

/** stepcast.cancel_run. Throws SC002, SC004. */
export async function cancelRun(db: Db, o: Actor & { run: string; reason?: string | undefined }): Promise<void> {
  await operate(db, 'select stepcast.operate_run($1, $2, $3, $4, $5)', [o.actor, o.tenant, o.run, 'cancel', o.reason])
}

/** stepcast.delete_run. Throws SC002, SC004. */
export async function deleteRun(db: Db, o: Actor & { run: string; reason?: string | undefined }): Promise<void> {
  await operate(db, 'select stepcast.operate_run($1, $2, $3, $4, $5)', [o.actor, o.tenant, o.run, 'delete', o.reason])
}

/** stepcast.retry_run. Throws SC002, SC003, SC004. */
export async function retryRun(db: Db, o: Actor & { run: string; from?: string | undefined }): Promise<void> {
  await operate(db, 'select stepcast.operate_run($1, $2, $3, $4, $5)', [o.actor, o.tenant, o.run, 'retry', o.from])
}

async function operate(db: Db, text: string, values: unknown[]): Promise<void> {
  await retrying(() =>
    call(
      db,
      text,
      values.map((value) => value ?? null),
    ),
  )
}

/** The newest run under a key; null: there is none. */
export async function newestRun(db: Db, o: { tenant: string; workflow: string; key: string }): Promise<string | null> {
  const [row] = await call<{ run: string }>(db, 'select run from stepcast.newest_runs($1, $2, $3)', [
    [o.tenant],
    [o.workflow],
    [o.key],
  ])
  return row?.run ?? null
}

/** An id that no run has. */
export const NO_RUN = '00000000-0000-0000-0000-000000000000'

export interface FoundRun extends Pick<Run, 'id' | 'workflow' | 'key' | 'status'> {
  tenant: string
}

/** Those of the wanted runs that exist for their tenants. */
export async function findRuns(db: Db, wanted: { tenant: string; run: string }[]): Promise<FoundRun[]> {
  return callPrepared(db, 'find_runs', 'select * from stepcast.find_runs($1::text[], $2::uuid[])', [
    wanted.map(({ tenant }) => tenant),
    wanted.map(({ run }) => run),
  ])
}

/** One whole run; null: the tenant has no such run. */
export async function readRun(db: Db, o: { tenant: string; run: string }): Promise<RunDetails | null> {
  const rows = await call<{ run: RunDetails | null }>(db, 'select stepcast.read_run($1, $2) as run', [o.tenant, o.run])
  return rows[0]?.run ?? null
}

export interface ListRunsOptions {
  tenant: string
  workflow?: string | undefined
  statuses?: readonly RunStatus[] | undefined
  key?: string | undefined
  /** Prefix of the id, the key or the workflow's name. */
  q?: string | undefined
  /** `next` of the previous page. */
  after?: string | undefined
  limit: number
}

export interface Page {
  runs: ListedRun[]
  /** null on the last page. */
  next: string | null
  /** The page came short because it holds as much as a response may. */
  isHeavy: boolean
}

/**
 * A page of runs, newest first. A page other than the last may be short if `q` or `key` matches few runs, or if their
 * metadata is large.
 */
export async function listRuns(db: Db, o: ListRunsOptions): Promise<Page> {
  type Listed = { runs: { run: Run; current: Position | null }[]; walked: string | null; heavy: boolean }
  const [row] = await call<{ listed: Listed }>(db, 'select stepcast.list_runs($1, $2, $3, $4, $5, $6, $7) as listed', [
    o.tenant,
    o.workflow ?? null,
    o.statuses ?? null,
    o.key ?? null,
    o.q ?? null,
    o.after ?? null,
    o.limit + 1,
  ])
  const { runs, walked, heavy } = row?.listed ?? { runs: [], walked: null, heavy: false }
  const page = runs.slice(0, o.limit).map(({ run, current }) => ({ ...run, current }))
  return { runs: page, next: runs.length > o.limit ? (page.at(-1)?.id ?? null) : walked, isHeavy: heavy }
}

/** 32 bytes, the same for all servers of the database. */
export async function readCursorKey(db: Db): Promise<Buffer> {
  const [row] = await call<{ key: Buffer }>(db, 'select stepcast.cursor_key() as key', [])
  return row?.key as Buffer
}

/** Unfinished runs that make no progress, the longest stuck first. */
export async function listStuck(db: Db, o: { tenant: string; limit: number }): Promise<StuckRun[]> {
  const rows = await call<{ stuck: StuckRun }>(db, 'select stuck from stepcast.list_stuck($1, $2) stuck', [
    o.tenant,
    o.limit,
  ])
  return rows.map(({ stuck }) => stuck)
}

export interface ReadLogsOptions {
  tenant: string
  run: string
  /** A step's name, or `parent/sub-step`. */
  step?: string | undefined
  after?: number | undefined
  level?: LogLevel | undefined
  limit: number
}

/** Log lines after line `after`, in order, at most `limit` or 1 MiB of them; none: there are no more. Throws SC003. */
export async function readLogs(db: Db, o: ReadLogsOptions): Promise<LogLine[]> {
  const rows = await call<{ log: LogLine }>(db, 'select log from stepcast.read_logs($1, $2, $3, $4, $5, $6) log', [
    o.tenant,
    o.run,
    o.step ?? null,
    o.after ?? null,
    o.level ?? null,
    o.limit,
  ])
  return rows.map(({ log }) => log)
}

/** Journal entries after entry `after`, in order. */
export async function readJournal(
  db: Db,
  o: { tenant: string; run: string; after?: number | undefined; limit: number },
): Promise<JournalEntry[]> {
  const rows = await call<{ entry: JournalEntry }>(
    db,
    'select entry from stepcast.read_journal($1, $2, $3, $4) entry',
    [o.tenant, o.run, o.after ?? null, o.limit],
  )
  return rows.map(({ entry }) => entry)
}

/** The current version of every workflow. */
export async function listWorkflows(db: Db): Promise<WorkflowInfo[]> {
  const rows = await call<{ workflow: WorkflowInfo }>(db, 'select workflow from stepcast.list_workflows() workflow', [])
  return rows.map(({ workflow }) => workflow)
}
