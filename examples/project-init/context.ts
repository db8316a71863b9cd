import type { RunEnd, StepContext, SubstepContext, Tx } from 'stepcast'
import type { ProjectInput } from './input.ts'

/** What a step of this workflow is given; `Results` names what it takes from the steps before it. */
export type Context<Results extends object = object> = StepContext<ProjectInput, Results>
export type Ending = RunEnd<ProjectInput>
export type { SubstepContext as Substep, Tx }
