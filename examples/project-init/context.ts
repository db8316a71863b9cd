import type { RunEnd, StepContext, SubstepContext, Tx } from 'stepcast'
import type { ProjectInput } from './input.ts'

/** The context of a step of this workflow; `Results` names the results of earlier steps that it uses. */
export type Context<Results extends object = object> = StepContext<ProjectInput, Results>
export type Ending = RunEnd<ProjectInput>
export type { SubstepContext as Substep, Tx }
