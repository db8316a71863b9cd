import type { IncomingMessage } from 'node:http'
import { bodyParser } from '@koa/bodyparser'
import type { Context, Next } from 'koa'
import type { z } from 'zod'
import { invalid, Problem } from './problem.ts'

const LIMIT_BYTES = 1024 * 1024
/** Deeper than any input is; from some thousands of levels on, neither Node nor Postgres can write it. */
const DEEPEST = 100
const TOO_DEEP = `is nested more than ${DEEPEST} levels deep`
/** How many of the fields that are wrong an answer names. */
const MOST_ISSUES = 100
/** Or no charset given, which means the same. */
const UTF_8 = /^(utf-?8|us-ascii)?$/i
const PLAIN = /^(identity)?$/i

const parse = bodyParser({
  enableTypes: ['json'],
  // Replaces the package's own list position by position, and is not added to it.
  extendTypes: { json: ['application/json', 'application/*+json'] },
  jsonLimit: LIMIT_BYTES,
  // JSON that is not an object is answered like any other wrong shape.
  jsonStrict: false,
  onError: (error, { req }) => {
    // Discards the rest of the body: on a keep-alive connection, the next request follows it.
    req.resume()
    throw bodyProblem(error as Error & { status?: number })
  },
})

/** JSON only; a request without a body counts as `{}`. */
export async function readBody(ctx: Context, next: Next): Promise<void> {
  const isEmpty = ctx.get('Content-Length') === '0'
  // False: there is a body of another type. Null: there is none.
  if (!isEmpty && ctx.is('json', '+json') === false) throw wrongType(ctx.get('Content-Type'))
  if (!UTF_8.test(ctx.request.charset)) throw wrongType(ctx.get('Content-Type'))
  if (!PLAIN.test(ctx.get('Content-Encoding'))) throw compressed()
  if (!isEmpty && ctx.req.readableEnded && !('body' in ctx.request)) throw alreadyRead()
  const isUtf8 = watchUtf8(ctx.req)
  const request: Partial<typeof ctx.request> = ctx.request
  const isOurs = request.body === undefined
  await parse(ctx as Parameters<typeof parse>[0], () => {
    if (!isUtf8()) throw new Problem(400, { detail: 'The body is not valid UTF-8.' })
    return next()
  })
  if (!isOurs) return
  // Koa keeps the request for as long as a stream is open. Set to undefined, not deleted: an object that has lost a
  // property takes more memory itself.
  Object.assign(request, { body: undefined, rawBody: undefined })
}

/** The parser's own decoder would replace what is not UTF-8 with U+FFFD. */
function watchUtf8(req: IncomingMessage): () => boolean {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let isValid = true
  const decode = (chunk?: Buffer) => {
    try {
      if (isValid) decoder.decode(chunk, { stream: chunk !== undefined })
    } catch {
      isValid = false
    }
  }
  req.on('data', decode)
  return () => {
    decode()
    return isValid
  }
}

/** The body in the form of `shape`, or 422 with the fields that are wrong. */
export function bodyOf<T extends z.ZodType>(ctx: Context, shape: T): z.output<T> {
  const body = givenIn(ctx)
  refuseUnstorable(body)
  return check(shape, body)
}

/** The same for a body that is not stored: there it may hold what Postgres cannot store. */
export function looseBodyOf<T extends z.ZodType>(ctx: Context, shape: T): z.output<T> {
  return check(shape, givenIn(ctx))
}

export function check<T extends z.ZodType>(shape: T, value: unknown, ...prefix: PropertyKey[]): z.output<T> {
  const { data, error } = shape.safeParse(value)
  if (!error) return data
  throw refusal(error.issues, ...prefix)
}

/** The first issues as a 422: there may be one for each member of the body. */
export function refusal(issues: readonly z.core.$ZodIssue[], ...prefix: PropertyKey[]): Problem {
  const told = issues.slice(0, MOST_ISSUES)
  return invalid(told.map(({ path, message }) => ({ path: [...prefix, ...path].join('.'), message })))
}

function givenIn(ctx: Context): unknown {
  const { body = {} } = ctx.request as { body?: unknown }
  return body === '' ? {} : body
}

/** An object or array of a body, and where it is. */
interface Place {
  value: object
  name: string
  parent: Place | null
  depth: number
}

/**
 * Refuses JSON that Postgres cannot store. With a stack of its own: the body may be nested as deeply as it is long. Only
 * objects and arrays are put on it: half a million numbers fit into a body, and a second is long for all other callers.
 */
export function refuseUnstorable(body: unknown): void {
  const open: Place[] = [{ value: [body], name: '', parent: null, depth: -1 }]
  for (let place = open.pop(); place; place = open.pop()) {
    const tooDeep = place.depth < DEEPEST ? null : TOO_DEEP
    for (const [name, value] of membersOf(place.value)) {
      const wrong = (typeof name === 'string' && whyUnstorable(name)) || whyUnstorable(value) || tooDeep
      if (wrong) throw invalid([{ path: pathTo(place, name), message: wrong }])
      if (typeof value !== 'object' || value === null) continue
      open.push({ value, name: String(name), parent: place, depth: place.depth + 1 })
    }
  }
}

function membersOf(value: object): Iterable<[name: string | number, value: unknown]> {
  return Array.isArray(value) ? value.entries() : Object.entries(value)
}

/** The body itself has no name. */
function pathTo({ name: own, parent }: Place, name: string | number): string {
  return parent?.parent ? `${pathTo(parent, own)}.${name}` : String(parent ? name : '')
}

export function whyUnstorable(value: unknown): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'is a number too large to be kept'
  if (typeof value !== 'string') return null
  if (value.includes('\0')) return 'holds a NUL character, which Postgres cannot keep'
  return value.isWellFormed() ? null : 'holds half a surrogate pair, which is no character'
}

function wrongType(type: string): Problem {
  const seen = type === '' ? 'no Content-Type' : `“${type}”`
  return new Problem(
    415,
    { detail: `The body must be application/json in UTF-8, not ${seen}.` },
    { Accept: 'application/json' },
  )
}

function compressed(): Problem {
  return new Problem(415, { detail: 'The body may not be compressed.' }, { 'Accept-Encoding': 'identity' })
}

function bodyProblem({ status = 400, message }: Error & { status?: number }): Problem {
  if (status === 413) return new Problem(413, { detail: `The body may have at most ${LIMIT_BYTES} bytes.` })
  if (status === 415) return new Problem(415, { detail: `The body cannot be read: ${message}.` })
  return new Problem(400, { detail: `The body is not valid JSON: ${message}.` })
}

/** The application's fault, not the client's. */
function alreadyRead(): Problem {
  return new Problem(500, {
    detail:
      'The body has been read before it came here: mount Stepcast before whatever parses bodies, such as express.json().',
  })
}
