import { Failure } from './failure.ts'

/** Prints an error as its message and what to do, without a stack, and gives the exit code. */
export function report(error: unknown): number {
  process.stderr.write(`${describe(error)}\n`)
  return error instanceof Failure ? error.exitCode : 1
}

function describe(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0])
  if (error instanceof SuppressedError) return describe(error.suppressed)
  if (!(error instanceof Error)) return String(error)
  if (isUnreachable(error))
    return `The database does not answer: ${error.message}. Is DATABASE_URL right, and does it run?`
  return 'hint' in error && error.hint ? `${error.message}\n${error.hint}` : error.message
}

function isUnreachable(error: NodeJS.ErrnoException): boolean {
  return ['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', 'EAI_AGAIN'].includes(error.code ?? '')
}
