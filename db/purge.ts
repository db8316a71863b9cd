import { setTimeout as sleep } from 'node:timers/promises'
import { call, retrying } from './call.ts'
import type { Db } from './client.ts'

/** Bounds how long a batch holds its locks: some tenths of a second for runs of a few steps. */
const RUNS_A_BATCH = 500
/** After a batch, rest this many times as long as it took: deleting history is not urgent, the runs under way are. */
const REST = 3

/** What counts as an age. Postgres also accepts `30`, as seconds: a forgotten unit would delete too much. */
const AGE = /^(\d+ *(seconds?|secs?|s|minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|w|months?|mons?|years?|yrs?|y) *)+$/

export function isAge(text: string): boolean {
  return AGE.test(text)
}

export interface Purge {
  /** A Postgres interval: runs that ended longer ago are deleted. */
  olderThan: string
  /** Default: every workflow. */
  workflow?: string | undefined
}

export interface Purged {
  deleted: number
  /** Not deleted: other rows refer to them, others hold locks on them, or their onEnd has yet to run. */
  passedOver: number
}

export interface PurgeOptions extends Purge {
  /** Called with the totals so far after each batch that found anything. */
  onBatch?: (soFar: Purged) => void
  /** Stops between two batches. */
  signal?: AbortSignal
}

interface Batch extends Purged {
  place: object | null
}

/**
 * Deletes finished runs in batches with rests between them; if `db` is a pool, each batch is a transaction of its own.
 * Throws SC006.
 */
export async function purgeRuns(db: Db, options: PurgeOptions): Promise<Purged> {
  const { onBatch, signal } = options
  let sums: Purged = { deleted: 0, passedOver: 0 }
  let place: object | null = null
  do {
    const began = performance.now()
    const batch: Batch = await purgeBatch(db, options, place)
    place = batch.place
    sums = { deleted: sums.deleted + batch.deleted, passedOver: sums.passedOver + batch.passedOver }
    if (batch.deleted + batch.passedOver > 0) onBatch?.(sums)
    if (place) await sleep((performance.now() - began) * REST, undefined, { signal }).catch(() => {})
  } while (place && !signal?.aborted)
  return sums
}

async function purgeBatch(db: Db, { olderThan, workflow }: Purge, place: object | null): Promise<Batch> {
  const [row] = await retrying(() =>
    call<Batch>(
      db,
      `select deleted::integer, passed_over::integer as "passedOver", place
       from stepcast.purge_batch($1, $2, $3, $4)`,
      [olderThan, workflow ?? null, place, RUNS_A_BATCH],
    ),
  )
  return row as Batch
}

/** Throws SQLSTATE class 22 if Postgres does not accept this as an interval. */
export async function checkAge(db: Db, olderThan: string): Promise<void> {
  await call(db, 'select $1::interval', [olderThan])
}

/** How many runs a purge would delete if it found none of them held. */
export async function countPurgeable(db: Db, { olderThan, workflow }: Purge): Promise<number> {
  const [row] = await call<{ runs: string }>(db, 'select stepcast.count_purgeable($1, $2) as runs', [
    olderThan,
    workflow ?? null,
  ])
  return Number(row?.runs)
}
