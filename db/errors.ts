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

/** A rule of Stepcast was about to be broken. The message says what was wrong and seen, the hint what to do. */
export class StepcastError extends Error {
  override name = 'StepcastError'
  readonly code: StepcastErrorCode
  /** What to do; null: nothing sensible to say. */
  readonly hint: string | null

  constructor(code: StepcastErrorCode, message: string, options: { hint?: string | null; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.hint = options.hint ?? null
  }
}

/**
 * The database is of another version of Stepcast than this process: what was being written is not at fault. Its code is
 * the database's.
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
  message: string
  hint?: string
}

/**
 * Turns a database error of class SC into a StepcastError, and one of a database that was not migrated, or was since to
 * another version, into a VersionError; passes every other one on as it is.
 */
export function translate(error: unknown): unknown {
  const { code, message, hint } = error as DatabaseError
  if (!code) return error
  if (isUnmigrated(code, message)) {
    const what = `The database lacks what this version of Stepcast needs (${message}). Run: stepcast migrate`
    return new VersionError(what, code, error)
  }
  if (isAnsweredOtherwise(code, message)) {
    const what = `The database was migrated to another version of Stepcast than this process is of (${message}). Start it anew`
    return new VersionError(what, code, error)
  }
  if (!(code in ERROR_CODES)) return error
  return new StepcastError(code as StepcastErrorCode, message, { hint: hint || null, cause: error })
}

// No such schema, table or function, and it is one of ours.
function isUnmigrated(code: string, message: string): boolean {
  return ['3F000', '42P01', '42883'].includes(code) && /\b(stepcast|graphile_worker)\b/.test(message)
}

// What a session has prepared has other columns now.
function isAnsweredOtherwise(code: string, message: string): boolean {
  return code === '0A000' && message.startsWith('cached plan must not change')
}
