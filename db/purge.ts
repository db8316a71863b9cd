import { setTimeout as sleep } from 'node:timers/promises'
import { call, retrying } from './call.ts'
import type { Db } from './client.ts'

/** Bounds how long a batch holds its locks: some tenths of a second for runs of a few steps. */
const RUNS_A_BATCH = 500
/** After a batch it rests so many times as long as that took: history is in no hurry, and the runs that go on are. */
const REST = 3

/** What is taken for an age. Postgres takes `30` too, for seconds: too many would be deleted for a forgotten unit. */
const AGE = /^(\d+ *(minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|w|months?|mons?|years?|yrs?|y) *)+$/

export function isAge(text: string): boolean {
  return AGE.test(text)
}

export interface Purge {
  /** A Postgres interval: what ended longer ago goes. */
  olderThan: string
  /** Default: every workflow. */
  workflow?: string | undefined
}

export interface Purged {
  deleted: number
  /** Held by others' rows or locks, or owing their onEnd. */
  passedOver: number
}

export interface PurgeOptions extends Purge {
  /** Gets the sums so far after each batch that found anything. */
  onBatch?: (soFar: Purged) => void
  /** Stops between two batches. */
  signal?: AbortSignal
}

interface Batch extends Purged {
  place: object | null
}

/**
 * Deletes finished history in batches, each a transaction of its own when `db` is a pool, with rests between. Throws
 * SC006.
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

/** Throws SQLSTATE class 22 where Postgres does not take this as an interval. */
export async function checkAge(db: Db, olderThan: string): Promise<void> {
  await call(db, 'select $1::interval', [olderThan])
}

/** How many runs a purge would delete, but for those that it will find held. */
export async function countPurgeable(db: Db, { olderThan, workflow }: Purge): Promise<number> {
  const [row] = await call<{ runs: string }>(db, 'select stepcast.count_purgeable($1, $2) as runs', [
    olderThan,
    workflow ?? null,
  ])
  return Number(row?.runs)
}
