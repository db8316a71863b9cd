import pg from 'pg'

/** A statement had failed and its error was swallowed, so nothing is written. */
export class RolledBack extends Error {
  override name = 'RolledBack'
  /** in_failed_sql_transaction */
  readonly code = '25P02'
}

/** A statement of the handler had committed the transaction, or rolled it back. */
class EndedByHandler extends Error {
  override name = 'EndedByHandler'
  /** no_active_sql_transaction */
  readonly code = '25P01'
}

/** A statement of the handler had made the transaction read-only: where the database is so, none begins. */
export class MadeReadOnly extends Error {
  override name = 'MadeReadOnly'
  /** read_only_sql_transaction */
  readonly code = '25006'
}

/** The answer to COMMIT was lost: the transaction may be committed or not. */
export class InDoubt extends Error {
  override name = 'InDoubt'
}

/** The last part of a transaction failed. */
export class LastFailed extends Error {
  /** Some of its statements have no answer yet, and it is unknown when they will. */
  readonly isUnderWay: boolean

  constructor(message: string, isUnderWay: boolean, options: ErrorOptions) {
    super(message, options)
    this.isUnderWay = isUnderWay
  }
}

/** idle_in_transaction_session_timeout, transaction_timeout */
const OVERLONG = new Set(['25P03', '25P04'])

/** Whether the database ended a session because its transaction took too long: that is the fault of its handler. */
export function isOverlong(error: unknown): boolean {
  return OVERLONG.has((error as { code?: string }).code ?? '')
}

export function isUnderWay(error: unknown): boolean {
  return error instanceof LastFailed && error.isUnderWay
}

/**
 * What Postgres says of a transaction that it does not go on with names neither the reason nor what to do. Other errors
 * are returned as they are. `name`: of what the transaction belongs to; `failed`: the last of its statements that failed
 * by itself, if any.
 */
export function explain(error: unknown, name: string, failed: unknown): unknown {
  const code = error instanceof pg.DatabaseError ? error.code : null
  if (code === '25P02') {
    const why = failed instanceof Error ? `: ${failed.message}` : ''
    return new RolledBack(
      `an earlier statement in tx of ${name} failed, which undoes all of it${why}. To go on after an error, set a savepoint before the statement, and roll back to it`,
      { cause: failed ?? error },
    )
  }
  if (code === '25006') {
    return new MadeReadOnly(
      `tx of ${name} was made read-only by a statement in it, such as SET TRANSACTION READ ONLY. Leave that out: the end of what it belongs to is written in it`,
      { cause: error },
    )
  }
  if (code !== '25P01') return error
  return new EndedByHandler(
    `tx of ${name} was ended by a statement in it, such as COMMIT: what that committed stays. Leave the end of a transaction to its step, and use savepoints within`,
    { cause: error },
  )
}
