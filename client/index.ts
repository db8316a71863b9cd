import { define } from './define.ts'

export type { StepcastEvents } from './events.ts'
export { StepcastStats } from './stats/stepcast-stats.ts'
export { StepcastRun } from './stepcast-run.ts'
export { StepcastRuns } from './stepcast-runs.ts'
export { define }

define()
