import { call, callPrepared } from './call.ts'
import type { Db } from './client.ts'
import type { RunStatus } from './contract.ts'

/** What is new about an announced run, besides its revision. */
export const NEWS = { change: 0, inserted: 1, status: 2 } as const
export type News = (typeof NEWS)[keyof typeof NEWS]

/**
 * The channel of the announcer. A payload is a JSON array with one element per run: `[id, revision]`, with a third
 * element for a run that was inserted or whose status changed; `[id, null]` for a deleted one.
 */
export const CHANNEL = 'stepcast'
export type Announcement = [run: string, revision: number | null, news?: News]

export interface Want {
  run: string
  /** The revision that is already known; null: none, send a snapshot. */
  since: number | null
  /**
   * The last log line that is known; -1: the latest 500 lines (if `since` is answered with a patch: those after it);
   * null: no lines wanted.
   */
  line: number | null
  /** Whether its steps are wanted. */
  steps: boolean
  /** Whether its row of a list is wanted. Default false. */
  row?: boolean
}

export interface Change {
  run: string
  revision: number
  status: RunStatus
  epoch: string
  /** `unread`: what the read has brought of other runs is so large that this one is to be requested again. */
  kind: 'snapshot' | 'patch' | 'none' | 'unread'
  /** A Snapshot or a Patch as JSON on one line; null for the other kinds, or if no steps were wanted. */
  body: string | null
  /** A Row or a RowPatch as JSON on one line; null for the other kinds, or if no row was wanted. */
  row: string | null
  /** A LogBatch as JSON; null: no new lines, or none wanted. */
  lines: string | null
  /** The last line returned, or the one given in the request. */
  line: number
  /** There may be more lines after `line`: a batch ends after 1,000 lines or 1 MiB, or less if many runs are read. */
  isCut: boolean
}

interface ChangeRow extends Omit<Change, 'body' | 'row' | 'isCut'> {
  shown: string | null
  steps: string | null
  current: string | null
  cut: boolean
  now: string
}

/**
 * What watchers have not seen yet of some runs, until runs and steps of 16 MiB are read. A run that does not exist is
 * left out.
 */
export async function readChanges(db: Db, wants: Want[]): Promise<Change[]> {
  const rows = await callPrepared<ChangeRow>(
    db,
    'read_changes',
    'select * from stepcast.read_changes($1::uuid[], $2::bigint[], $3::bigint[], $4::boolean[], $5::boolean[])',
    [
      wants.map(({ run }) => run),
      wants.map(({ since }) => since),
      wants.map(({ line }) => line),
      wants.map(({ steps }) => steps),
      wants.map(({ row = false }) => row),
    ],
  )
  return rows.map(changeOf)
}

/** pg gives bigint as text, because it may exceed 2^53; revisions and line numbers do not. */
function changeOf({ shown, steps, current, cut, now, ...row }: ChangeRow): Change {
  return {
    ...row,
    revision: Number(row.revision),
    line: Number(row.line),
    isCut: cut,
    body: shown === null || steps === null ? null : `{"run":${shown},"steps":${steps},"now":${now}}`,
    row: current === null ? null : `{"run":${shown},"steps":null,"current":${current},"now":${now}}`,
  }
}

export interface RunKey {
  tenant: string
  workflow: string
  key: string
}

/** The newest run under each key; a key without a run is left out. */
export async function newestRuns(db: Db, keys: RunKey[]): Promise<(RunKey & { run: string })[]> {
  return callPrepared(db, 'newest_runs', 'select * from stepcast.newest_runs($1::text[], $2::text[], $3::text[])', [
    keys.map(({ tenant }) => tenant),
    keys.map(({ workflow }) => workflow),
    keys.map(({ key }) => key),
  ])
}

/** A live list: the newest of a tenant's runs that match every field that is not null. */
export interface Filter {
  tenant: string
  workflow: string | null
  statuses: readonly RunStatus[] | null
  key: string | null
  /** Prefix of the id, the key or the workflow's name. */
  q: string | null
  limit: number
}

/** The runs of each list, newest first. */
export async function newestListed(db: Db, lists: Filter[]): Promise<string[][]> {
  const rows = await callPrepared<{ place: number; runs: string[] }>(
    db,
    'newest_listed',
    'select * from stepcast.newest_listed($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[])',
    [
      lists.map(({ tenant }) => tenant),
      lists.map(({ workflow }) => workflow),
      lists.map(({ statuses }) => statuses?.join() ?? null),
      lists.map(({ key }) => key),
      lists.map(({ q }) => q),
      lists.map(({ limit }) => limit),
    ],
  )
  const runs = new Map(rows.map((row) => [row.place, row.runs]))
  return lists.map((_, index) => runs.get(index + 1) ?? [])
}

export interface Filed {
  run: string
  tenant: string
  workflow: string
  status: RunStatus
  key: string | null
}

/** The fields of some runs that lists filter by. A run that does not exist is left out. */
export async function readFiled(db: Db, runs: string[]): Promise<Filed[]> {
  return callPrepared(db, 'read_filed', 'select * from stepcast.read_filed($1::uuid[])', [runs])
}

/** The present revisions of runs, for the safety poll. A run that does not exist is left out. */
export async function readRevisions(
  db: Db,
  runs: string[],
): Promise<{ run: string; revision: number; epoch: string }[]> {
  const rows = await callPrepared<{ run: string; revision: number; epoch: string }>(
    db,
    'read_revisions',
    'select * from stepcast.read_revisions($1::uuid[])',
    [runs],
  )
  return rows.map((row) => ({ ...row, revision: Number(row.revision) }))
}

/** Whether runs can be watched: a standby has no epoch, and takes no LISTEN. */
export async function canWatch(db: Db): Promise<boolean> {
  const sql = "select not pg_is_in_recovery() as can from (select count(*) from stepcast.read_revisions('{}')) asked"
  const [row] = await call<{ can: boolean }>(db, sql, [])
  return row?.can ?? false
}

/** Notifies a channel of the caller's own, as a listener does to find out whether it still receives. */
export async function notify(db: Db, channel: string, payload: string): Promise<void> {
  await call(db, 'select pg_notify($1, $2)', [channel, payload])
}
