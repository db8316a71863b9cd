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

interface DatabaseError {
  code?: string
  message: string
  hint?: string
}

/** Turns a database error of class SC into a StepcastError; passes every other one on as it is. */
export function translate(error: unknown): unknown {
  const { code, message, hint } = error as DatabaseError
  if (!code || !(code in ERROR_CODES)) return error
  return new StepcastError(code as StepcastErrorCode, message, { hint: hint || null, cause: error })
}
