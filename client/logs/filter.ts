import type { LogLevel, LogLine } from '../../db/contract.ts'
import type { Branch } from '../outline.ts'
import { plainText } from './ansi.ts'

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** Which lines a reader wants to see. */
export interface Filter {
  /** This level and more severe ones. */
  level: LogLevel
  /** The name of a top-level step, shown with its sub-steps; null: all. */
  step: string | null
}

export const ALL: Filter = { level: 'debug', step: null }

/** `steps`: the ids of the chosen steps; null: all. */
export function fits({ level }: Filter, steps: ReadonlySet<number> | null, line: LogLine): boolean {
  if (LEVELS.indexOf(line.level) < LEVELS.indexOf(level)) return false
  return steps === null || (line.stepId !== null && steps.has(line.stepId))
}

/** The ids of a step and all below it. */
export function familyOf({ step, children }: Branch): number[] {
  return [step.id, ...children.flatMap(familyOf)]
}

/**
 * The numbers of the lines that contain the query, in any case, and of lines where a step begins whose name contains
 * it.
 */
export function search(
  lines: readonly LogLine[],
  query: string,
  nameOf: (line: LogLine) => string,
  before?: LogLine,
): number[] {
  const wanted = query.toLowerCase()
  if (wanted === '') return []
  const says = (text: string) => text.toLowerCase().includes(wanted)
  const begins = (line: LogLine, at: number) => (at === 0 ? before : lines[at - 1])?.stepId !== line.stepId
  return lines
    .filter((line, at) => says(plainText(line.message)) || (begins(line, at) && says(nameOf(line))))
    .map(({ line }) => line)
}
