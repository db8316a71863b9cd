export type { RunEvent, RunState } from '../reducer.ts'
export type { ListFilter, ListView, RunView } from '../stream.ts'
export type { Target } from '../target.ts'
export {
  StepcastRun,
  type StepcastRunProps,
  StepcastRuns,
  type StepcastRunsProps,
  StepcastStats,
  type StepcastStatsProps,
} from './elements.ts'
export { useRun, useRuns, type WatchOptions } from './hooks.ts'
