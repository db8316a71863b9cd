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

/** A response that was not the one requested, or (status null) no response at all. */
export class RequestError extends Error {
  override name = 'RequestError'
  /** HTTP status; null if the server could not be reached. */
  declare readonly status: number | null
  /** The `detail` of the server's problem document; null if there is none. */
  declare readonly detail: string | null
  /** With 422: which fields of the input were wrong. */
  declare readonly errors: FieldError[]
  /** How long the server asks to wait before the next try, at most ten minutes; null if it did not say. */
  declare readonly retryAfterMs: number | null

  constructor(message: string, { cause, ...about }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause })
    Object.assign(this, { status: null, detail: null, errors: [], retryAfterMs: null }, about)
  }

  /** Whether sending the same request again cannot help. */
  get final(): boolean {
    const status = this.status ?? 0
    return status >= 400 && status < 500 && ![404, 408, 429].includes(status)
  }
}

export function unreachable(cause: unknown): RequestError {
  return cause instanceof RequestError ? cause : new RequestError(`No answer from the server: ${cause}`, { cause })
}
