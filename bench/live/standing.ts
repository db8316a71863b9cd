import type { StepContext } from '../../worker/context.ts'
import { type Workflow, workflow } from '../../worker/workflow.ts'

/** A workflow whose one step runs until its worker ends, and its steps that have begun. */
export interface Standing {
  workflow: Workflow
  steps: StepContext<unknown, object>[]
}

/** Sends `all began` to the benchmark once this many steps have begun. */
export function standing(runs: number): Standing {
  const steps: Standing['steps'] = []
  const bench = workflow('bench').step('work', async (ctx) => {
    steps.push(ctx)
    if (steps.length === runs) process.send?.('all began')
    await new Promise((_, reject) => ctx.signal.addEventListener('abort', reject))
  })
  return { workflow: bench, steps }
}
