import type { Context, Next } from 'koa'
import {
  ERROR_CODES,
  isDiskFull,
  isOfStandby,
  isOutOfIds,
  isQueueFull,
  isReadOnly,
  StepcastError,
  type StepcastErrorCode,
  VersionError,
} from '../db/errors.ts'
import { type Logger, silent } from '../db/logger.ts'
import { noSuchRun, Problem, unavailable } from './problem.ts'

const STATUSES = { SC001: 404, SC002: 404, SC003: 422, SC004: 409, SC005: 409, SC006: 422, SC007: 409 } as const

/** The request's field that a rule of the database is about, if it can only be one. */
const FIELDS: Partial<Record<StepcastErrorCode, string>> = { SC003: 'from', SC006: '', SC007: 'key' }

/** SQLSTATE of a statement that passed its timeout. */
const TOOK_TOO_LONG = '57014'
/**
 * SQLSTATE classes: connection, login, resources, operator intervention such as a shutdown; and a database that is not
 * there, as while it is restored.
 */
const OUT_OF_REACH = /^(08|28|53|57|3D000)/
/** Somebody holds the row, or two transactions lost a deadlock: nothing was changed. */
const HELD = /^(55P03|40P01)/
/** Among others, a query on a standby that stood in the way of what comes from the primary. */
const COLLIDED = /^40/
/** Node's own codes: no server there, or no answer from it. */
const NETWORK = /^E(CONN|HOST|NET|PIPE|TIMEDOUT|AI_)|^ENOTFOUND$/
/** Headers that describe a response which is then not sent. */
const ABOUT_THE_BODY = ['Content-Disposition', 'Content-Length', 'Content-Type', 'ETag', 'Last-Modified', 'Location']
/** pg's messages without a code; the last one occurs when the server is being stopped. */
const CONNECTION_LOST = /connection|timeout exceeded|read timeout|not queryable|after calling end/i
/** Those of a connection that was lost, or given up, while a statement was under way: it may have been done. */
const IN_DOUBT = /^Connection terminated( unexpectedly)?$/
/** Data exceptions and check constraints: a value that got past our own checks. */
const BAD_VALUE = /^22|^23514$|^54/

/**
 * Answers every error of the routes below with a problem document, which never says more than a stranger may know. The
 * logger is told why; if it is silent, the application is told as Koa tells it, since it may be at fault itself.
 */
export function answerFailures(logger: Logger) {
  return async (ctx: Context, next: Next): Promise<void> => {
    try {
      await next()
    } catch (error) {
      const problem = problemOf(error)
      if (problem.status >= 500) report(logger, ctx, problem, error)
      if (problem.status === 500 && logger === silent) ctx.app.emit('error', asError(error), ctx)
      write(ctx, problem)
    }
  }
}

function report(logger: Logger, { method, path, params }: Context, { status }: Problem, error: unknown): void {
  const level = status === 503 ? 'warn' : 'error'
  logger[level]({ err: error, method, path, run: params?.id }, `a request was answered with ${status}`)
}

/** What is thrown need not be an error; Koa's own listener takes nothing else. */
function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(`Not an error was thrown: ${thrown}`)
}

/** The one place where an error becomes a response. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof StepcastError) return ruleProblem(error)
  if (error instanceof VersionError) return unavailable('The database belongs to another version. Try again shortly.')
  const { code = '', message = '', status = 500, expose } = Object(error) as Partial<HttpError>
  if (HELD.test(code)) return unavailable('Another transaction holds this run; nothing was changed. Try again shortly.')
  if (COLLIDED.test(code)) return unavailable('The database cancelled this; nothing was changed. Try again shortly.')
  if (code === TOOK_TOO_LONG) return tookTooLong()
  if (isReadOnly(error) || isOfStandby(error))
    return unavailable('The database is read-only at the moment. Try again shortly.')
  if (isQueueFull(error) || isDiskFull(error) || isOutOfIds(error))
    return unavailable('The database accepts no changes at the moment. Try again shortly.')
  if (OUT_OF_REACH.test(code) || NETWORK.test(code)) return outOfReach()
  if (BAD_VALUE.test(code)) return new Problem(422, { detail: 'The database refused one of these values.' })
  if (expose && status >= 400 && status < 500) return new Problem(status, { detail: `${message}.` })
  if (code === '' && IN_DOUBT.test(message)) return inDoubt()
  if (code === '' && CONNECTION_LOST.test(message)) return outOfReach()
  return new Problem(500, { detail: 'Something went wrong here; the server’s log says what.' })
}

interface HttpError {
  code: string
  message: string
  status: number
  expose: boolean
}

/** Hints of the database are for whoever calls in SQL. */
function inJson(hint: string): string {
  return hint.replace('again => true', '"again": true')
}

function ruleProblem({ code, message, hint }: StepcastError): Problem {
  if (code === 'SC002') return noSuchRun()
  const title = ERROR_CODES[code]
  const path = FIELDS[code]
  return new Problem(STATUSES[code], {
    type: `urn:stepcast:${title.replaceAll(' ', '-')}`,
    title: title.charAt(0).toUpperCase() + title.slice(1),
    detail: hint ? `${message}. ${inJson(hint)}` : `${message}.`,
    code,
    ...(path === undefined ? {} : { errors: [{ path, message }] }),
  })
}

function tookTooLong(): Problem {
  const detail =
    'The database did not finish this in time and cancelled it. Ask for less: a later since, one workflow, a shorter page.'
  const members = { type: 'urn:stepcast:took-too-long', title: 'Took too long', detail }
  return new Problem(503, members, { 'Retry-After': '5' })
}

function outOfReach(): Problem {
  return unavailable('The database cannot be reached at the moment. Try again shortly.')
}

function inDoubt(): Problem {
  return unavailable(
    'The database did not answer. Try again shortly; if this was to change something, look first whether it has.',
  )
}

function write(ctx: Context, problem: Problem): void {
  if (ctx.headerSent || !ctx.writable) {
    ctx.res.destroy()
    return
  }
  for (const name of ABOUT_THE_BODY) ctx.remove(name)
  ctx.status = problem.status
  ctx.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', ...problem.headers })
  ctx.body = JSON.stringify(problem)
  ctx.type = 'application/problem+json'
}
