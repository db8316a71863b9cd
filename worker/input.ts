import { z } from 'zod'
import { within } from '../db/within.ts'
import { describeFailure } from './failure.ts'

/** Meanwhile the run occupies a place of the worker, and nobody would see why it does not begin. */
const CHECK_MS = 60_000
/** How many problems of an invalid input its error names. */
const MOST_ISSUES = 10

/** What a workflow's schema makes of an input, or why it does not accept it. */
export type ParsedInput = { value: unknown } | { error: string }

export async function parseInput(schema: z.ZodType, input: unknown): Promise<ParsedInput> {
  try {
    const parsed = await within(CHECK_MS, schema.safeParseAsync(input))
    if (parsed === null) throw new Error(`it took longer than ${CHECK_MS / 1_000} s`)
    if (parsed.success) return { value: parsed.data }
    return { error: describeFailure(`The input is not valid: ${tell(parsed.error)}`).message }
  } catch (error) {
    return { error: `The input could not be checked: ${describeFailure(error).message}` }
  }
}

/** Only the first issues: there may be one for each member of the input. */
function tell({ issues }: z.ZodError): string {
  const told = z.prettifyError({ issues: issues.slice(0, MOST_ISSUES) })
  return issues.length > MOST_ISSUES ? `${told}\n… and ${issues.length - MOST_ISSUES} more` : told
}
