import { STATUS_CODES } from 'node:http'

export interface FieldError {
  /** Path in the body or the query: `input.name`. */
  path: string
  message: string
}

export interface ProblemMembers {
  /** A URI that names the kind of problem. Default `about:blank`: no more than the HTTP status says. */
  type?: string
  title?: string
  /** What was wrong, what was found, what to do. */
  detail?: string
  errors?: FieldError[]
  [member: string]: unknown
}

/** An error response in the form of RFC 9457; thrown anywhere, written in one place. */
export class Problem extends Error {
  override name = 'Problem'
  readonly status: number
  readonly members: ProblemMembers
  readonly headers: Record<string, string>

  constructor(status: number, members: ProblemMembers = {}, headers: Record<string, string> = {}) {
    super(members.detail ?? STATUS_CODES[status])
    this.status = status
    this.members = members
    this.headers = headers
  }

  toJSON(): object {
    const { type = 'about:blank', title = STATUS_CODES[this.status], ...members } = this.members
    return { type, title, status: this.status, ...members }
  }
}

export function notFound(detail = 'There is nothing at this address.'): Problem {
  return new Problem(404, { detail })
}

/** The same for a run that does not exist and for one that this caller may not see. */
export function noSuchRun(): Problem {
  return new Problem(404, { type: 'urn:stepcast:no-such-run', title: 'No such run', detail: 'There is no such run.' })
}

export function invalid(errors: FieldError[]): Problem {
  const detail = errors.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')
  return new Problem(422, { type: 'urn:stepcast:invalid-value', title: 'Invalid value', detail, errors })
}

/** Too many requests of one client, at once or within some time. */
export function tooManyRequests(detail: string, retryS: number): Problem {
  const members = { type: 'urn:stepcast:too-many-requests', title: 'Too many requests', detail }
  return new Problem(429, members, { 'Retry-After': String(retryS) })
}

/** `cause`: for the log. */
export function unavailable(detail: string, cause?: unknown): Problem {
  return Object.assign(new Problem(503, { detail }, { 'Retry-After': '2' }), cause === undefined ? {} : { cause })
}
