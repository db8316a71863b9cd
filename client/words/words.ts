import type { RunStatus, StepStatus } from '../../db/contract.ts'
import type { MoreWords } from './more-words.ts'

/** The words of a run without incidents, in one language. Numbers are passed as formatted strings. */
export interface Words {
  run: Record<RunStatus, string>
  step: Record<StepStatus, string>
  live: string
  connecting: string
  reconnecting: string
  polling: string
  disconnected: string
  /** `time`: the clock time of the loss. */
  offlineSince(time: string): string
  stepOf(number: string, total: string): string
  steps(count: number, written: string): string
  substeps(count: number, written: string): string
  doneOf(done: string, total: string): string
  substepsOf(step: string): string
  left(duration: string): string
  longer: string
  late: string
  took(duration: string): string
  stoppedAfter(duration: string): string
  waitingForWorker: string
  startsAt(time: string): string
  usually(duration: string): string
  /** `range`: the durations of most of the given number of runs. */
  usuallyOf(range: string, runs: number, written: string): string
  notReached: string
  /** For a text that is cut off. */
  showAll: string
  startedBy(time: string, who: string): string
  createdBy(time: string, who: string): string
  timeline: string
  logs: string
  cancel: string
  retry: string
  /** For code that could not be loaded. */
  missing: string
  reload: string
  /** null: they load with the code that needs them. */
  more: MoreWords | null
}
