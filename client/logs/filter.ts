import type { LogLevel, LogLine } from '../../db/contract.ts'
import { plainText } from './ansi.ts'

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** Which lines a reader wants to see. */
export interface Filter {
  /** This level and what is worse. */
  level: LogLevel
  /** With its sub-steps; null: all. */
  steps: ReadonlySet<number> | null
}

export const ALL: Filter = { level: 'debug', steps: null }

export function fits({ level, steps }: Filter, line: LogLine): boolean {
  if (LEVELS.indexOf(line.level) < LEVELS.indexOf(level)) return false
  return steps === null || (line.stepId !== null && steps.has(line.stepId))
}

/** The numbers of the lines that say it, whatever its case. */
export function search(lines: readonly LogLine[], query: string): number[] {
  const wanted = query.toLowerCase()
  if (wanted === '') return []
  return lines.filter(({ message }) => plainText(message).toLowerCase().includes(wanted)).map(({ line }) => line)
}
