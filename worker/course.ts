import type { Holding } from './holding.ts'
import type { StepServices } from './part.ts'
import type { Results } from './results.ts'
import type { Workflow } from './workflow.ts'

/** What the steps of a run share while it is driven here; `results` and `unfinished` change as steps end. */
export interface Course {
  services: StepServices
  workflow: Workflow
  holding: Holding
  /**
   * The output of the workflow's schema. Handlers get copies of it, as of the results, so none sees what another changed
   * in them.
   */
  input: unknown
  results: Results
  /** Steps that are pending or running, as far as is known here. */
  unfinished: number
}
