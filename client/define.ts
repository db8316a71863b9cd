import { StepcastStats } from './stats/stepcast-stats.ts'
import { StepcastRun } from './stepcast-run.ts'
import { StepcastRuns } from './stepcast-runs.ts'

const ELEMENTS = { 'stepcast-run': StepcastRun, 'stepcast-runs': StepcastRuns, 'stepcast-stats': StepcastStats }

/**
 * Registers the elements, if there is a registry; doing so twice is safe. If another copy of Stepcast was first, its
 * elements stay, and the console says so: a page cannot have two.
 */
export function define(registry: CustomElementRegistry | undefined = globalThis.customElements): void {
  for (const [name, element] of Object.entries(ELEMENTS)) {
    const known = registry?.get(name)
    if (known === undefined) registry?.define(name, element)
    else if (known !== element) console.warn('Stepcast is loaded twice: the first stays')
  }
}
