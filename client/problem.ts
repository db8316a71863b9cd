import type { JsonObject } from '../db/contract.ts'

const SECOND = 1_000
/** No server is obeyed that asks for more. */
const LONGEST_WAIT_MS = 600 * SECOND

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

/** Reads an RFC 9457 problem document, or whatever came in its place. */
export async function readProblem(response: Response): Promise<RequestError> {
  const text = await response.text().catch(() => '')
  const { title, detail, errors } = parseObject(text)
  const said = asText(detail) ?? asText(title)
  const message = `${response.url} answered ${response.status}${said === null ? '' : `: ${said}`}`
  const retryAfterMs = parseWait(response.headers.get('retry-after'))
  return new RequestError(message, { status: response.status, detail: said, errors: asErrors(errors), retryAfterMs })
}

export function unreachable(cause: unknown): RequestError {
  return cause instanceof RequestError ? cause : new RequestError(`No answer from the server: ${cause}`, { cause })
}

/** Seconds, or a date. */
function parseWait(text: string | null): number | null {
  if (text === null) return null
  const ms = /^\d+$/.test(text) ? Number(text) * SECOND : Date.parse(text) - Date.now()
  return Number.isNaN(ms) ? null : Math.min(LONGEST_WAIT_MS, Math.max(0, ms))
}

function parseObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as JsonObject) : {}
  } catch {
    return {}
  }
}

function asText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function asErrors(value: unknown): FieldError[] {
  if (!Array.isArray(value)) return []
  return value.map(({ path, message }) => ({
    path: Array.isArray(path) ? path.join('.') : String(path ?? ''),
    message: String(message ?? ''),
  }))
}
