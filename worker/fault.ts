import { StepcastError } from '../db/errors.ts'

/** Connection, serialization and deadlock, resources, the operator (shutdown, cancelled query): SQLSTATE classes. */
const PASSING = /^(08|40|53|57|E)/

/**
 * A fault that says nothing about what was being written: the connection, the server, a deadlock, a stale lease. An error
 * without a code is the driver's own, such as for a connection that ended.
 */
export function isPassing(error: unknown): boolean {
  const { code } = error as { code?: string }
  return isFenced(error) || !code || PASSING.test(code)
}

/** The lease is stale: stop, and write nothing more. */
export function isFenced(error: unknown): boolean {
  return error instanceof StepcastError && error.code === 'SC005'
}
