import type { RunStatus, StepStatus } from '../../db/contract.ts'

/** Everything the element says, in one language. Numbers come written. */
export interface Words {
  run: Record<RunStatus, string>
  step: Record<StepStatus, string>
  live: string
  connecting: string
  reconnecting: string
  polling: string
  pollingHint: string
  disconnected: string
  /** Since a clock time. */
  offlineSince(time: string): string
  stepOf(number: string, total: string): string
  steps(count: number, written: string): string
  substeps(count: number, written: string): string
  doneOf(done: string, total: string): string
  substepsOf(step: string): string
  stepsCompleted(count: number, written: string): string
  left(duration: string): string
  longer: string
  took(duration: string): string
  stoppedAfter(duration: string): string
  waitingForWorker: string
  startsAt(time: string): string
  usually(duration: string): string
  notReached: string
  attempt(number: string): string
  nextTry(duration: string): string
  nextTrySoon: string
  lastError(error: string): string
  stack: string
  causedBy(cause: string): string
  copyError: string
  copied: string
  startedBy(time: string, who: string): string
  createdBy(time: string, who: string): string
  logs: string
  noLogs: string
  earlierLines(count: number, written: string): string
  cancel: string
  cancelQuestion: string
  cancelYes: string
  cancelNo: string
  cancelling: string
  retry: string
  retryFrom: string
  retryFromStep(step: string): string
  retrying: string
  dismiss: string
  notCancelled: string
  notRetried: string
  noRun: string
  noRunHint: string
  notFound: string
  notFoundHint: string
  deleted: string
  deletedHint: string
  forbidden: string
  forbiddenHint: string
  unreachable: string
  unreachableHint: string
  refused: string
  unset: string
  unsetHint: string
  tryAgain: string
}
