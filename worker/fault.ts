import { setTimeout as sleep } from 'node:timers/promises'
import { isOfStandby, isOutOfIds, isQueueFull, isReadOnly, StepcastError, VersionError } from '../db/errors.ts'
import { MadeReadOnly } from './transaction-errors.ts'

/**
 * SQLSTATE classes: connection, login, serialization and deadlock, resources, the operator (shutdown, cancelled query);
 * and the codes for a database that is not there, as while it is restored, and for a lock that was not available in
 * time.
 */
const PASSING = /^(08|28|3D000|40|53|55P03|57|E)/
const MISTAKES = [TypeError, RangeError, ReferenceError, SyntaxError]
/** How long the database may be away before a query fails. */
const INSIST_MS = 10_000
const PAUSE_MS = 200

/**
 * Whether an error says nothing about what was being written: the connection, the server, a standby or a database that
 * is read-only for now, a full queue of notifications, no transaction ids left, a deadlock, a stale lease, a migration
 * to another version. An error without a code is the driver's own, such as for a connection that ended, unless the
 * language itself threw it: that would be thrown again the next time.
 */
export function isPassing(error: unknown): boolean {
  if (error instanceof MadeReadOnly || MISTAKES.some((kind) => error instanceof kind)) return false
  const { code } = error as { code?: string }
  if (isFenced(error) || error instanceof VersionError || isQueueFull(error) || isOutOfIds(error)) return true
  if (isOfStandby(error) || isReadOnly(error)) return true
  return !code || PASSING.test(code)
}

/** Another transaction held a row for longer than the lock timeout. */
export function isHeld(error: unknown): boolean {
  return (error as { code?: string }).code === '55P03'
}

/** Whether the lease is stale: stop, and write nothing more. */
export function isFenced(error: unknown): boolean {
  return error instanceof StepcastError && error.code === 'SC005'
}

/** Repeats a query that meets passing faults, for ten seconds or `forMs`, or until `signal` fires. */
export async function insist<T>(ask: () => Promise<T>, forMs = INSIST_MS, signal?: AbortSignal): Promise<T> {
  const until = performance.now() + forMs
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!isPassing(error) || isFenced(error) || signal?.aborted || performance.now() > until) throw error
      await sleep(PAUSE_MS)
    }
  }
}
