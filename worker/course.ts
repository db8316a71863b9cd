import type { JsonObject } from '../db/contract.ts'
import type { Holding } from './holding.ts'
import type { StepServices } from './part.ts'
import type { Workflow } from './workflow.ts'

/** What the steps of a run that is driven here share; `results`, `heard` and `unfinished` change as they end. */
export interface Course {
  services: StepServices
  workflow: Workflow
  holding: Holding
  /**
   * As the workflow's schema made it. Handlers get copies of it, and of the results: none meets what another did to
   * them.
   */
  input: unknown
  /** Of the completed steps, by name. */
  results: JsonObject
  /**
   * Steps whose end is in `results` as it should be: what others ended, or what was not heard, is read when it is
   * needed.
   */
  heard: Set<string>
  /** Steps that are pending or running, as far as is known here. */
  unfinished: number
}
