import type { Run, RunDetails, Step } from '../../db/contract.ts'
import type { ServerClock } from '../clock.ts'
import type { Formats } from '../formats.ts'
import { localized } from '../languages.ts'
import { type Branch, type Current, isWaitingForNextTry } from '../outline.ts'
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
  withLinks: boolean
  logsOpen: boolean
  waterfallOpen: boolean
  /** The step whose row the keyboard enters the list by. */
  cursor: number | undefined
  /** null: nothing has needed it yet. */
  more: More | null
  /** Draws a row only when something in it has changed; null: it is drawn each time. */
  memo: ((branch: Branch, hidden: boolean, shown: Shown, draw: () => unknown) => unknown) | null
  isOpen(branch: Branch): boolean
}

/** What a reader has not opened, chosen or reached yet. What runs or failed is open, what is done folds. */
export const UNTOUCHED: Pick<Shown, 'logsOpen' | 'waterfallOpen' | 'cursor' | 'more' | 'memo' | 'isOpen'> = {
  logsOpen: false,
  waterfallOpen: false,
  cursor: undefined,
  more: null,
  memo: null,
  isOpen: ({ step }) => step.status === 'running' || step.status === 'failed',
}

/** Where an operator's request stands. */
export type Asking =
  | { state: 'idle' }
  /**
   * The question is open. `error`: why the answer to it did not reach the server, with which it stays open, and the
   * reason that was given.
   */
  | { state: 'confirming'; type: 'cancel' | 'retry'; from: Step | null; reason: string; error: Error | null }
  /** `since`: when the run had ended before, if it had. */
  | { state: 'pending'; type: 'cancel' | 'retry'; since: string | null }
  | { state: 'refused'; type: 'cancel' | 'retry'; error: Error }

/** A try of a step. */
export interface Chosen {
  step: number
  attempt: number
}

/** What is said of a step that waits for its next try. `why`: what went wrong; empty: nobody said. */
export interface Waiting {
  icon: unknown
  time: string
  why: string
}

/** What is loaded when it is first needed: failures, notices, attempts, conversations. */
export interface More {
  readonly asking: Asking
  /** Each another object when what is said of steps may have changed. */
  readonly marks: readonly unknown[]
  /** The try that a reader looks at; null: none was chosen. */
  readonly chosen: Chosen | null
  /** What the stream leaves out; null: it was not needed, or has not come. */
  readonly details: RunDetails | null
  /** The completed steps before the one that failed, as one row, and how many it hides. */
  foldedSteps(shown: Shown): { row: unknown; hidden: number }
  waiting(step: Step, shown: Shown): Waiting
  /** Which try it is, a way back to it, a link. */
  besideStep(branch: Branch, shown: Shown): unknown
  /** Why a step failed, the tries it had. */
  belowStep(branch: Branch, shown: Shown): unknown
  /** Why the run failed, where no step tells it. */
  aboveSteps(shown: Shown): unknown
  /** In place of the run. */
  notice(view: RunView | null, isSet: boolean, voice: Omit<Voice, 'clock'>): unknown
  /** A conversation in place of the usual footer; null: there is none. */
  question(shown: Shown): unknown
  /** Why it waits; null: for a worker, and nobody knows that none comes. */
  waitsFor(shown: Shown): string | null
  /** What is under way; null: nothing. */
  doing(shown: Shown): string | null
  /** What the server refused. */
  refusal(shown: Shown): unknown
  /** Who did what to it last, and why; null: nobody since it was started. */
  operation(shown: Shown): string | null
  choose(chosen: Chosen | null): void
  askCancel(): void
  askRetry(from: Step | null): void
  /** A key pressed on the element, which is of interest here. */
  press(key: string, on: HTMLElement | null): void
  openPlace(hash: string): void
}

/** What a reader can do with it. */
export interface Doings {
  toggle(step: number, open: boolean): void
  toggleLogs(): void
  toggleWaterfall(open?: boolean): Promise<void>
  /** Does something with what is loaded for it first. */
  withMore(what: (more: More) => void): void
}

/** Does it as soon as there is what can. */
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

/** undefined: it does not wait for its next try. */
export function waitingOf(step: Step, shown: Shown): Waiting | undefined {
  return isWaitingForNextTry(step) ? shown.more?.waiting(step, shown) : undefined
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufefc]/

/** To stand in a sentence: what is written from right to left in it, or says that it is, reorders nothing around it. */
export function isolated(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text.replace(/[\u202a-\u202e\u2066-\u2069]/g, '')}\u2069` : text
}
