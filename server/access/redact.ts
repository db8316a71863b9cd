import type { Attempt, Patch, Row, RowPatch, Run, RunDetails, Snapshot, Step } from '../../db/contract.ts'
import type { View } from './access.ts'

/** Finds stacks in the JSON that the database writes; in a string with the same characters the quotes are escaped. */
const SOME_STACK = /"errorStack"\s*:\s*"/

/** A run as `GET` returns it; without `run:debug`, stacks, input and output are null. */
export function detailsFor(view: View, details: RunDetails): RunDetails {
  if (view === 'full') return details
  const { run, steps, attempts } = details
  return {
    ...details,
    run: { ...withoutStack(run), input: null, output: null },
    steps: steps.map(withoutStack),
    attempts: attempts.map(withoutStack),
  }
}

export function runFor<Kept extends Run>(view: View, run: Kept): Kept {
  return view === 'full' ? run : withoutStack(run)
}

/**
 * A Snapshot, a Patch or a row of a list as JSON, for principals without `run:debug`. Most contain no stack, and stay
 * the same string.
 */
export function publicBody(body: string): string {
  if (!SOME_STACK.test(body)) return body
  const { run, steps, ...rest }: Snapshot | Patch | Row | RowPatch = JSON.parse(body)
  return JSON.stringify({ run: withoutStack(run), steps: steps?.map(withoutStack) ?? null, ...rest })
}

function withoutStack<Kept extends Run | Patch['run'] | Step | Attempt>(row: Kept): Kept {
  return row.errorStack ? { ...row, errorStack: null } : row
}
