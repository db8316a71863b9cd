import type { JsonObject } from '../db/contract.ts'
import { type FieldError, RequestError } from './problem.ts'

const SECOND = 1_000
/** How long to wait for a response. A server gives up on its database before that, and says so. */
export const ANSWER_MS = 20_000

/** The longest wait that a server may ask for. */
const LONGEST_WAIT_MS = 600 * SECOND

/** Reads an RFC 9457 problem document, or whatever arrived in its place. */
export async function readProblem(response: Response): Promise<RequestError> {
  const text = await response.text().catch(() => '')
  const { title, detail, errors } = parseObject(text)
  const said = asText(detail) ?? asText(title)
  const message = `${response.url} answered ${response.status}${said === null ? '' : `: ${said}`}`
  const retryAfterMs = parseWait(response.headers.get('retry-after'))
  return new RequestError(message, { status: response.status, detail: said, errors: asErrors(errors), retryAfterMs })
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
