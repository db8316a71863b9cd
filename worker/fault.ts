import { setTimeout as sleep } from 'node:timers/promises'
import { StepcastError, VersionError } from '../db/errors.ts'

/**
 * Connection, serialization and deadlock, resources, the operator (shutdown, cancelled query): SQLSTATE classes. And a
 * lock that was not to be had in time.
 */
const PASSING = /^(08|40|53|55P03|57|E)/
const MISTAKES = [TypeError, RangeError, ReferenceError, SyntaxError]
/** How long the database may be away before a question to it fails. */
const INSIST_MS = 10_000
const PAUSE_MS = 200

/**
 * A fault that says nothing about what was being written: the connection, the server, a deadlock, a stale lease, a
 * migration to another version. An error without a code is the driver's own, such as for a connection that ended; but
 * for what the language itself throws, which the next time throws again.
 */
export function isPassing(error: unknown): boolean {
  if (MISTAKES.some((kind) => error instanceof kind)) return false
  const { code } = error as { code?: string }
  return isFenced(error) || error instanceof VersionError || !code || PASSING.test(code)
}

/** Somebody has a row for longer than was to be waited for it. */
export function isHeld(error: unknown): boolean {
  return (error as { code?: string }).code === '55P03'
}

/** The lease is stale: stop, and write nothing more. */
export function isFenced(error: unknown): boolean {
  return error instanceof StepcastError && error.code === 'SC005'
}

/** Asks a question again, while it meets passing faults, for ten seconds or `forMs`, or until `signal` fires. */
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
