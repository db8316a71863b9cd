import type { QueryResultRow } from 'pg'
import type { Db } from './client.ts'
import { translate } from './errors.ts'
import { isPooled, namePooler } from './pooled.ts'

/** Deadlock and serialization failure: nothing was written, and every write of the engine may be repeated. */
const RETRYABLE = new Set(['40P01', '40001'])
const ATTEMPTS = 5

export function isRetryable(error: unknown): boolean {
  return RETRYABLE.has((error as { code?: string }).code ?? '')
}

/** Runs one statement; errors of class SC become StepcastError, those of an unconfigured pooler PoolerError. */
export async function call<R extends QueryResultRow>(db: Db, text: string, values: unknown[]): Promise<R[]> {
  try {
    return (await db.query<R>(text, values)).rows
  } catch (error) {
    throw translate(namePooler(error))
  }
}

/** `call` for a frequent statement: parsed and planned once per connection, under its name. */
export async function callPrepared<R extends QueryResultRow>(
  db: Db,
  name: string,
  text: string,
  values: unknown[],
): Promise<R[]> {
  if (isPooled(db)) return call(db, text, values)
  try {
    return (await db.query<R>({ name: `stepcast.${name}`, text, values })).rows
  } catch (error) {
    throw translate(namePooler(error))
  }
}

/** Repeats a whole transaction that lost a deadlock: plain updates lock the step first, the engine the run. */
export async function retrying<T>(transaction: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS - 1; ; left--) {
    try {
      return await transaction()
    } catch (error) {
      if (left === 0 || !isRetryable(error)) throw error
    }
  }
}
