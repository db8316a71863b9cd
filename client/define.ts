import { StepcastStats } from './stats/stepcast-stats.ts'
import { StepcastRun } from './stepcast-run.ts'
import { StepcastRuns } from './stepcast-runs.ts'

/** Registers the elements; doing so twice, or after another copy of this file did, is safe. */
export function define(registry: CustomElementRegistry = customElements): void {
  if (registry.get('stepcast-run') === undefined) registry.define('stepcast-run', StepcastRun)
  if (registry.get('stepcast-runs') === undefined) registry.define('stepcast-runs', StepcastRuns)
  if (registry.get('stepcast-stats') === undefined) registry.define('stepcast-stats', StepcastStats)
}
