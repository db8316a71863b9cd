import type { LogLevel } from '../../db/contract.ts'

/** The rest of the element's words: for failures, attempts, logs, the timeline, errors and actions. */
export interface MoreWords {
  stepsCompleted(count: number, written: string): string
  failures(count: number, written: string): string
  attempt(number: string): string
  attemptOf(number: string, last: string): string
  attemptsOf(step: string): string
  /** `worker`: a process's name. */
  onWorker(worker: string): string
  linkTo(step: string): string
  stack: string
  causedBy(cause: string): string
  copyError: string
  copied: string
  notCopied: string
  cancelQuestion: string
  reason: string
  cancelYes: string
  cancelNo: string
  retryFrom: string
  retryFromStep(step: string): string
  retryQuestion(step: string): string
  retryRunQuestion: string
  retryYes: string
  retryNo: string
  cancelling: string
  retrying: string
  notCancelled: string
  notRetried: string
  noAnswer: string
  cancelledBy(time: string, who: string): string
  retriedBy(time: string, who: string): string
  because(what: string, reason: string): string
  noRun: string
  noRunHint: string
  notFound: string
  notFoundHint: string
  deleted: string
  deletedHint: string
  forbidden: string
  forbiddenHint: string
  /** The user's token has ended while the run was shown. */
  signedOut: string
  signedOutHint: string
  refused: string
  unset: string
  unsetHint: string
  noLogs: string
  noneFit: string
  loadingLines: string
  linesLost: string
  notSaved: string
  lines(count: number, written: string): string
  search: string
  /** `number`: which of the matches is shown. */
  matchOf(number: string, total: string): string
  noMatch: string
  nextMatch: string
  previousMatch: string
  level: string
  /** That level and more severe ones. */
  levels: Record<LogLevel, string>
  fromStep: string
  allSteps: string
  wrap: string
  download: string
  toEnd: string
  line(number: string): string
  timelineOf: string
  span: string
  wholeRun: string
  stepColumn: string
  queued: string
  waited: string
  ran: string
  started: string
  idle(duration: string): string
  unreachable: string
  unreachableHint: string
  answered: string
  answeredHint(address: string, status: number): string
  tryAgain: string
  dismiss: string
  parked(count: number, written: string): string
  unserved: string
  nextTry(duration: string): string
  nextTrySoon: string
  lastError(error: string): string
}
