import type { TrendUnit } from '../../../db/contract.ts'
import type { Period } from '../period.ts'

/** Every text of `<stepcast-stats>`. Numbers are passed as formatted strings; `count` decides the plural. */
export interface StatsWords {
  allWorkflows: string
  workflow: string
  period: string
  periods: Record<Period, string>
  /** The period within a sentence. */
  inPeriod: Record<Period, string>
  runningNow: string
  noneRunning: string
  inStep(written: string, step: string): string
  /** The separator between two of them. */
  comma: string
  more(written: string): string
  successRate: string
  completedOf(completed: string, count: number, tried: string): string
  noneTried: string
  andCancelled(written: string): string
  timeToComplete: string
  tooFew(count: number, written: string): string
  p95Needs(written: string): string
  waiting: string
  noneWaiting: string
  longestWait(duration: string): string
  runsPer: Record<TrendUnit, string>
  timesPer: Record<TrendUnit, string>
  p50ToP95: string
  durations: string
  /** For one step. */
  durationsOf(step: string): string
  completedRuns(count: number, written: string): string
  eachStep: string
  slowestSteps: string
  eachWorkflow: string
  failingSteps: string
  failingAbout: string
  noneFailed: string
  whereNow: string
  asTable: string
  time: string
  runs: string
  completed: string
  failed: string
  cancelled: string
  step: string
  duration: string
  failures: string
  longest: string
  runCount(count: number, written: string): string
  /** For a sub-step. */
  ofStep(parent: string): string
  /** The upper end of a bucket that has none. */
  orMore(duration: string): string
  showAll(written: string): string
  /** If not everything is counted. */
  countedSince(time: string): string
  stepsCountedSince(time: string): string
  loaded(period: string, count: number, written: string): string
  noRuns: string
  noRunsHint: string
  noRunsInPeriod: string
  noRunsInPeriodHint: string
  forbidden: string
  forbiddenHint: string
  failedToLoad: string
  unreachableHint: string
  stale(time: string): string
  tryAgain: string
}
