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
  readonly status: number | null
  /** What the server's problem document says of it; null: nothing. */
  readonly detail: string | null
  /** Which fields of the input were wrong, with 422. */
  readonly errors: FieldError[]
  /** How long the server asks to wait before the next try, ten minutes at most; null: it did not say. */
  readonly retryAfterMs: number | null

  constructor(message: string, about: ErrorDetails) {
    super(message, about.cause === undefined ? undefined : { cause: about.cause })
    this.status = about.status ?? null
    this.detail = about.detail ?? null
    this.errors = about.errors ?? []
    this.retryAfterMs = about.retryAfterMs ?? null
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
