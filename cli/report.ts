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
  if (isUnmigrated(error)) return `The database lacks what this version needs (${error.message}). Run: stepcast migrate`
  return 'hint' in error && error.hint ? `${error.message}\n${error.hint}` : error.message
}

function isUnreachable(error: NodeJS.ErrnoException): boolean {
  return ['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', 'EAI_AGAIN'].includes(error.code ?? '')
}

// No such schema, table or function, and it is one of ours.
function isUnmigrated(error: NodeJS.ErrnoException): boolean {
  return ['3F000', '42P01', '42883'].includes(error.code ?? '') && /\b(stepcast|graphile_worker)\b/.test(error.message)
}
