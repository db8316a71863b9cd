import type { JsonObject } from '../db/contract.ts'
import type { Holding } from './holding.ts'
import type { StepServices } from './part.ts'
import type { Workflow } from './workflow.ts'

/** What the steps of a run share while it is driven here; `results`, `heard` and `unfinished` change as steps end. */
export interface Course {
  services: StepServices
  workflow: Workflow
  holding: Holding
  /**
   * The output of the workflow's schema. Handlers get copies of it and of the results, so none sees what another
   * changed in them.
   */
  input: unknown
  /** Results of the completed steps, by name. */
  results: JsonObject
  /**
   * Steps whose result, if any, is in `results`. If another process ended a step, or its answer was lost, the result is
   * read when it is needed.
   */
  heard: Set<string>
  /** Steps that are pending or running, as far as is known here. */
  unfinished: number
}
