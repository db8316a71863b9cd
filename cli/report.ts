import pg from 'pg'
import { isUnanswered } from '../db/connect.ts'
import { Failure } from './failure.ts'
import { databasesNamed } from './settings.ts'
import { cleanLines } from './terminal/text.ts'

/** The role that a command's login must at least be a member of. */
const ROLES: Record<string, string> = {
  worker: 'role stepcast_worker',
  register: 'role stepcast_worker',
  purge: 'role stepcast_worker',
  migrate: 'the role that owns the schema stepcast',
}
const USUAL = 'role stepcast_server'
/** What hints of the database say to whoever calls in SQL, and how it is said here. */
const IN_SQL: [string, string][] = [
  ['again => true', '--again'],
  ['stepcast.runs lists the runs', '`stepcast list` lists the runs'],
]
/** SQLSTATE of a missing right. */
export const MAY_NOT = '42501'

/** Prints an error of a command as its message and what to do, without a stack; returns the exit code. */
export function report(error: unknown, command = ''): number {
  process.stderr.write(`${cleanLines(describe(error, command))}\n`)
  return error instanceof Failure ? error.exitCode : 1
}

/** The same for an uncaught error, with its stack unless it comes from a lost database. */
export function reportUncaught(error: unknown): number {
  if (!(error instanceof Error) || isOfDatabase(error)) return report(error)
  process.stderr.write(`${cleanLines(error.stack ?? error.message)}\n`)
  return 1
}

function describe(error: unknown, command: string): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0], command)
  if (error instanceof SuppressedError) return describe(error.suppressed, command)
  if (!(error instanceof Error)) return String(error)
  if (isUnreachable(error) || isUnanswered(error))
    return `The database does not answer: ${error.message}. ${isRight(databasesNamed())}`
  if ('code' in error && error.code === MAY_NOT)
    return `${error.message}.\nThis needs a login that is a member of ${ROLES[command] ?? USUAL}; docs/security-sql.md says how to make one.`
  return 'hint' in error && error.hint ? `${error.message}\n${inShell(String(error.hint))}` : error.message
}

/** A command may use several databases, and the error does not say which of them it came from. */
function isRight(names: string[]): string {
  return names.length === 1
    ? `Is ${names[0]} right, and does it run?`
    : `Are ${names.join(' and ')} right, and do they run?`
}

function inShell(hint: string): string {
  return IN_SQL.reduce((text, [sql, option]) => text.replace(sql, option), hint)
}

function isOfDatabase(error: Error): boolean {
  return error instanceof pg.DatabaseError || isUnanswered(error) || error.message.startsWith('Connection terminated')
}

function isUnreachable(error: NodeJS.ErrnoException): boolean {
  return ['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', 'EAI_AGAIN'].includes(error.code ?? '')
}
