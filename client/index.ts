import { define } from './define.ts'

export type { StepcastEvents } from './events.ts'
export { StepcastRun } from './stepcast-run.ts'
export { define }

define()
