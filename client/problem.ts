export interface FieldError {
  path: string
  message: string
}

interface ErrorDetails {
  status?: number | null
  detail?: string | null
  errors?: FieldError[]
  retryAfterMs?: number | null
  cause?: unknown
}

/** An answer that was not what was asked for, or (status null) no answer at all. */
export class RequestError extends Error {
  override name = 'RequestError'
  /** HTTP status; null: the server could not be reached. */
  declare readonly status: number | null
  /** What the server's problem document says of it; null: nothing. */
  declare readonly detail: string | null
  /** Which fields of the input were wrong, with 422. */
  declare readonly errors: FieldError[]
  /** How long the server asks to wait before the next try, ten minutes at most; null: it did not say. */
  declare readonly retryAfterMs: number | null

  constructor(message: string, { cause, ...about }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause })
    Object.assign(this, { status: null, detail: null, errors: [], retryAfterMs: null }, about)
  }

  /** Whether asking again, unchanged, cannot help. */
  get final(): boolean {
    const status = this.status ?? 0
    return status >= 400 && status < 500 && ![404, 408, 429].includes(status)
  }
}

export function unreachable(cause: unknown): RequestError {
  return cause instanceof RequestError ? cause : new RequestError(`No answer from the server: ${cause}`, { cause })
}
