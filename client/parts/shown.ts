import type { Run, RunDetails, Step } from '../../db/contract.ts'
import type { ServerClock } from '../clock.ts'
import type { Formats } from '../formats.ts'
import { localized } from '../languages.ts'
import { type Branch, type Current, isWaitingForNextTry } from '../outline.ts'
import type { RunView } from '../stream.ts'
import type { Words } from '../words/words.ts'

/** The language and the clock. */
export interface Voice {
  words: Words
  formats: Formats
  /** The language of texts that come from workflows. */
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
  withLinks: boolean
  logsOpen: boolean
  waterfallOpen: boolean
  /** The step whose row the keyboard enters the list at. */
  cursor: number | undefined
  /** null: nothing has needed it yet. */
  more: More | null
  /** Redraws a row only when something in it has changed; null: rows are redrawn each time. */
  memo: ((branch: Branch, hidden: boolean, shown: Shown, draw: () => unknown) => unknown) | null
  isOpen(branch: Branch): boolean
}

/**
 * The initial state, before a reader has opened, chosen or focused anything. Running and failed steps are open,
 * completed ones are folded.
 */
export const UNTOUCHED: Pick<Shown, 'logsOpen' | 'waterfallOpen' | 'cursor' | 'more' | 'memo' | 'isOpen'> = {
  logsOpen: false,
  waterfallOpen: false,
  cursor: undefined,
  more: null,
  memo: null,
  isOpen: ({ step }) => step.status === 'running' || step.status === 'failed',
}

/** The state of an operator's request. */
export type Asking =
  | { state: 'idle' }
  /**
   * The question is open. `error`: why the answer to it did not reach the server; the question then stays open, with
   * the reason that was given.
   */
  | { state: 'confirming'; type: 'cancel' | 'retry'; from: Step | null; reason: string; error: Error | null }
  /**
   * `since`: when the run had last ended at the time of the request, if it had. `doneAt`: the run's revision since the
   * server has done it; null: it has not answered.
   */
  | { state: 'pending'; type: 'cancel' | 'retry'; since: string | null; doneAt: number | null }
  | { state: 'refused'; type: 'cancel' | 'retry'; error: Error }

/** An attempt of a step. */
export interface Chosen {
  step: number
  attempt: number
}

/** The text of a step that waits for its next attempt. `why`: the error; empty: unknown. */
export interface Waiting {
  icon: unknown
  time: string
  why: string
}

/** The parts that load when they are first needed: failures, notices, attempts, questions. */
export interface More {
  readonly asking: Asking
  /** Each is replaced by another object when the text of steps may have changed. */
  readonly marks: readonly unknown[]
  /** The attempt that the reader has selected; null: none. */
  readonly chosen: Chosen | null
  /** What the stream leaves out; null: it was not needed, or has not arrived. */
  readonly details: RunDetails | null
  /** The completed steps before the failed one, as one row, and how many steps it hides. */
  foldedSteps(shown: Shown): { row: unknown; hidden: number }
  waiting(step: Step, shown: Shown): Waiting
  /** The attempt, a button to retry from the step, and a link to it. */
  besideStep(branch: Branch, shown: Shown): unknown
  /** Why a step failed, and its attempts. */
  belowStep(branch: Branch, shown: Shown): unknown
  /** Why the run failed, if no step shows it. */
  aboveSteps(shown: Shown): unknown
  /** Replaces the run. */
  notice(view: RunView | null, isSet: boolean, voice: Omit<Voice, 'clock'>): unknown
  /** The question that replaces the usual footer; null: there is none. */
  question(shown: Shown): unknown
  /** What it waits for; null: a worker, as far as is known. */
  waitsFor(shown: Shown): string | null
  /** The request that is under way; null: none. */
  doing(shown: Shown): string | null
  /** What the server has refused. */
  refusal(shown: Shown): unknown
  /** Who last cancelled or retried the run, and why; null: nobody since it was started. */
  operation(shown: Shown): string | null
  choose(chosen: Chosen | null): void
  askCancel(): void
  askRetry(from: Step | null): void
  /** Handles a key that was pressed on the element. */
  press(key: string, on: HTMLElement | null): void
}

/** What a reader can do with the run. */
export interface Doings {
  toggle(step: number, open: boolean): void
  toggleLogs(): void
  toggleWaterfall(open?: boolean): Promise<void>
  /** Loads the further parts if necessary, then calls `what` with them. */
  withMore(what: (more: More) => void): void
}

/** Calls `what` as soon as there is something that can do it. */
export type Act = (what: (doings: Doings) => void) => void

export function titleOf({ run, language }: Pick<Shown, 'run' | 'language'>): string {
  return localized(run.displayNames, language, run.displayName)
}

export function nameOfStep(step: Step, language: string): string {
  return localized(step.displayNames, language, step.displayName)
}

export function messageOf(step: Step, language: string): string {
  return localized(step.messages, language, step.message)
}

/** undefined: the step does not wait for its next attempt. */
export function waitingOf(step: Step, shown: Shown): Waiting | undefined {
  return isWaitingForNextTry(step) ? shown.more?.waiting(step, shown) : undefined
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufefc]/

/**
 * For use within a sentence: isolates text with right-to-left letters or direction marks, so that it does not reorder
 * its surroundings.
 */
export function isolated(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text.replace(/[\u202a-\u202e\u2066-\u2069]/g, '')}\u2069` : text
}
