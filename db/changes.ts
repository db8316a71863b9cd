import { callPrepared } from './call.ts'
import type { Db } from './client.ts'
import type { RunStatus } from './contract.ts'

/**
 * The channel of the announcer. A payload is a JSON array with an element a run: `[id, revision]`, with a third element
 * for a run just inserted; `[id, null]` for a deleted one.
 */
export const CHANNEL = 'stepcast'
export type Announcement = [run: string, revision: number | null, inserted?: 1]

export interface Want {
  run: string
  /** The revision that is known already; null: none, send a snapshot. */
  since: number | null
  /** The last log line that is known; -1: the latest 500 (with `since`: those after it); null: no lines wanted. */
  line: number | null
}

export interface Change {
  run: string
  revision: number
  status: RunStatus
  epoch: string
  kind: 'snapshot' | 'patch' | 'none'
  /** A Snapshot or a Patch as JSON text on one line; null for `none`. */
  body: string | null
  /** A LogBatch as JSON text; null: no new lines, or none wanted. At most 1,000: ask again after `line`. */
  lines: string | null
  /** The last line given, or the one asked after. */
  line: number
}

/** What watchers have not seen yet of some runs. A run that does not exist gives nothing. */
export async function readChanges(db: Db, wants: Want[]): Promise<Change[]> {
  const rows = await callPrepared<Change>(
    db,
    'read_changes',
    'select * from stepcast.read_changes($1::uuid[], $2::bigint[], $3::bigint[])',
    [wants.map(({ run }) => run), wants.map(({ since }) => since), wants.map(({ line }) => line)],
  )
  // pg gives bigint as text, because it may exceed 2^53; revisions and line numbers do not.
  return rows.map((row) => ({ ...row, revision: Number(row.revision), line: Number(row.line) }))
}

export interface RunKey {
  tenant: string
  workflow: string
  key: string
}

/** The newest run under each key; a key without a run gives nothing. */
export async function newestRuns(db: Db, keys: RunKey[]): Promise<(RunKey & { run: string })[]> {
  return callPrepared(db, 'newest_runs', 'select * from stepcast.newest_runs($1::text[], $2::text[], $3::text[])', [
    keys.map(({ tenant }) => tenant),
    keys.map(({ workflow }) => workflow),
    keys.map(({ key }) => key),
  ])
}

/** Where runs are now, for the safety poll. A run that does not exist gives nothing. */
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

/** Says something on a channel of one's own, as a listener does to find out whether it still hears. */
export async function notify(db: Db, channel: string, payload: string): Promise<void> {
  await db.query('select pg_notify($1, $2)', [channel, payload])
}
