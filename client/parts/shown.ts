import type { Run, Step } from '../../db/contract.ts'
import type { ServerClock } from '../clock.ts'
import type { Formats } from '../formats.ts'
import { localized } from '../languages.ts'
import type { Asking } from '../operator.ts'
import type { Branch, Current } from '../outline.ts'
import type { RunView } from '../stream.ts'
import type { Words } from '../words/words.ts'

/** In which language, by which clock. */
export interface Voice {
  words: Words
  formats: Formats
  /** What texts written by workflows are picked by. */
  language: string
  clock: ServerClock
}

/** Everything the parts of a run's card read. */
export interface Shown extends Voice {
  view: RunView
  run: Run
  branches: Branch[]
  current: Current | null
  withLogs: boolean
  withActions: boolean
  logsOpen: boolean
  asking: Asking
  /** The step whose error was just copied. */
  copied: number | null
  isOpen(branch: Branch): boolean
}

/** What a reader can do with it. */
export interface Doings {
  toggle(step: number, open: boolean): void
  toggleLogs(): void
  copyError(step: number, text: string): void
  /** Opens the question, or puts it away. */
  confirmCancel(asking: boolean): void
  cancel(): void
  retry(from: Step | null): void
  dismiss(): void
}

export function titleOf({ run, language }: Pick<Shown, 'run' | 'language'>): string {
  return localized(run.displayNames, language, run.displayName)
}

export function nameOfStep(step: Step, language: string): string {
  return localized(step.displayNames, language, step.displayName)
}

export function messageOf(step: Step, language: string): string {
  return localized(step.messages, language, step.message)
}
