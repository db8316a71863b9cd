import type { RunStatus, StepStatus } from '../../db/contract.ts'
import type { MoreWords } from './more-words.ts'

/** What a run that goes on says, in one language. Numbers come written. */
export interface Words {
  run: Record<RunStatus, string>
  step: Record<StepStatus, string>
  live: string
  connecting: string
  reconnecting: string
  polling: string
  disconnected: string
  /** Since a clock time. */
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
  /** `range`: between which durations most of so many runs were. */
  usuallyOf(range: string, runs: number, written: string): string
  notReached: string
  /** Of a text that is cut off. */
  showAll: string
  startedBy(time: string, who: string): string
  createdBy(time: string, who: string): string
  timeline: string
  logs: string
  cancel: string
  retry: string
  /** Of what was to be loaded and cannot be. */
  missing: string
  reload: string
  /** Null: they come with what needs them. */
  more: MoreWords | null
}
