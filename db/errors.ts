/** What each SQLSTATE of class SC means. */
export const ERROR_CODES = {
  SC001: 'no such workflow',
  SC002: 'no such run',
  SC003: 'no such step',
  SC004: 'illegal status change',
  SC005: 'stale lease',
  SC006: 'invalid value',
  SC007: 'key in use with another input',
} as const

export type StepcastErrorCode = keyof typeof ERROR_CODES

/** A call would have broken a rule of Stepcast. The message says what is wrong and was found, the hint what to do. */
export class StepcastError extends Error {
  override name = 'StepcastError'
  readonly code: StepcastErrorCode
  /** What to do; null if there is no useful advice. */
  readonly hint: string | null

  constructor(code: StepcastErrorCode, message: string, options: { hint?: string | null; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.hint = options.hint ?? null
  }
}

/**
 * The database belongs to another version of Stepcast than this process: what was being written is not at fault. `code`
 * is the SQLSTATE.
 */
export class VersionError extends Error {
  override name = 'VersionError'
  readonly code: string

  constructor(message: string, code: string, cause: unknown) {
    super(message, { cause })
    this.code = code
  }
}

interface DatabaseError {
  code?: string
  /** The source file of Postgres that raised it. */
  file?: string
  message: string
  hint?: string
}

/**
 * Turns a database error of class SC into a StepcastError, and an error because the database was not migrated, or has
 * since been migrated to another version, into a VersionError. Returns every other error unchanged.
 */
export function translate(error: unknown): unknown {
  const { code, file, message, hint } = error as DatabaseError
  if (!code) return error
  if (isUnmigrated(code, message)) {
    const what = `The database lacks what this version of Stepcast needs (${message}). ${adviceFor(code)}`
    return new VersionError(what, code, error)
  }
  if (isAnsweredOtherwise(code, file)) {
    const what = `The database was migrated to another version of Stepcast than this process is of (${message}). Start it anew`
    return new VersionError(what, code, error)
  }
  if (!(code in ERROR_CODES)) return error
  return new StepcastError(code as StepcastErrorCode, message, { hint: hint || null, cause: error })
}

// No such schema, table or function, and the name is one of ours.
function isUnmigrated(code: string, message: string): boolean {
  return ['3F000', '42P01', '42883'].includes(code) && /\b(stepcast|graphile_worker)\b/.test(message)
}

// Where all else is there, a newer version may have dropped the function: the `migrate` of this one would bring it back.
function adviceFor(code: string): string {
  if (code !== '42883') return 'Run: stepcast migrate'
  return 'If a newer version has migrated it, start this process in that version. Otherwise run: stepcast migrate'
}

// A statement that the session has prepared returns other columns now. The message may be in any language.
function isAnsweredOtherwise(code: string, file: string | undefined): boolean {
  return code === '0A000' && file === 'plancache.c'
}

/**
 * Whether a commit was refused because the queue of notifications is full, which all databases of a cluster share: a
 * session that listens does not read. Nothing was written, and what was to be written is not at fault. Postgres has no
 * code of its own for it, and its message may be in any language.
 */
export function isQueueFull(error: unknown): boolean {
  const { code, file } = Object(error) as { code?: string; file?: string }
  return code === '54000' && file === 'async.c'
}

/**
 * Whether a change was refused because the cluster has no transaction ids left, until somebody vacuums it. Nor has
 * Postgres a code of its own for this.
 */
export function isOutOfIds(error: unknown): boolean {
  const { code, file = '' } = Object(error) as { code?: string; file?: string }
  return code === '54000' && ['varsup.c', 'multixact.c'].includes(file)
}

/** SQLSTATE of a change in a read-only transaction: on a standby, or where `default_transaction_read_only` is on. */
const READ_ONLY = '25006'

/**
 * Whether a standby refused to read an unlogged table, such as that of the epoch, which it has only once it is promoted.
 * Postgres has no code of its own for this either. Or to fill it, where the transaction is older than the promotion.
 */
export function isOfStandby(error: unknown): boolean {
  const { code, file, where = '' } = Object(error) as { code?: string; file?: string; where?: string }
  return (code === '0A000' && file === 'plancat.c') || (code === READ_ONLY && where.includes('stepcast.current_epoch'))
}

/** The database takes no changes at the moment: what was to be written is not at fault. */
export class ReadOnlyError extends Error {
  override name = 'ReadOnlyError'
  readonly code = READ_ONLY
}

/** Whether a change was refused because its transaction is read-only. */
export function isReadOnly(error: unknown): boolean {
  return (Object(error) as { code?: string }).code === READ_ONLY
}

/** Whether a statement was refused because there is no room for it on the disk of the database. */
export function isDiskFull(error: unknown): boolean {
  return (Object(error) as { code?: string }).code === '53100'
}
