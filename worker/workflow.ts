import type { z } from 'zod'
import { checkStep, checkWorkflow } from './check-definition.ts'
import { checkFunction } from './check-option.ts'
import type { EndHandler, Handler } from './context.ts'
import type { StepDefinition, StepOptions, WorkflowDefinition, WorkflowOptions, ZodSchema } from './options.ts'

export type * from '../db/contract.ts'
export type * from './context.ts'
export type { Duration } from './duration.ts'
export type * from './options.ts'

/** The steps of a workflow, each with its handler. Immutable: `step` and `onEnd` return a new one. */
export class Workflow<Input = unknown, Results extends object = object> {
  readonly definition: WorkflowDefinition

  constructor(definition: WorkflowDefinition) {
    this.definition = definition
  }

  /**
   * Adds a step. What its handler returns must be JSON of at most 1 MiB; later steps find it in `ctx.results`.
   * @throws TypeError for a name that is taken, an unknown option, a need that is not defined before the step (so there
   * can be no cycles), or a number out of range.
   */
  step<Name extends string, Output>(
    name: Name,
    handler: Handler<Input, Results, Output>,
  ): Workflow<Input, Results & Record<Name, Output>>
  step<Name extends string, Output, Need extends keyof Results & string = keyof Results & string>(
    name: Name,
    options: StepOptions<Input, Pick<Results, Need>, Need>,
    handler: Handler<Input, Pick<Results, Need>, Output>,
  ): Workflow<Input, Results & Record<Name, Output>>
  step<Name extends string, Output>(
    name: Name,
    optionsOrHandler: StepOptions<never, never, string> | Handler<never, never, Output>,
    maybeHandler?: Handler<never, never, Output>,
  ): Workflow<Input, Results & Record<Name, Output>> {
    const options = typeof optionsOrHandler === 'function' ? {} : optionsOrHandler
    const handler = typeof optionsOrHandler === 'function' ? optionsOrHandler : maybeHandler
    if (!handler) throw new TypeError(`step ${name} of workflow ${this.definition.name} has no handler`)
    // Handler and `when` are only ever called with the results of the steps before, as their types say.
    const step = { ...options, name, handler } as unknown as StepDefinition
    checkStep(this.definition, step)
    return new Workflow({ ...this.definition, steps: [...this.definition.steps, step] })
  }

  /**
   * Called when a run ends, however it ends, in the transaction that ends it: what it writes through `tx` is committed
   * if and only if the end is. After 60 s it counts as having thrown. If it throws after the last step completed, that
   * step is rolled back and fails; if it throws for a failed run, the run ends without it; if it throws for a run that
   * something other than its worker ended, it is called again.
   * @throws TypeError if the workflow already has one.
   */
  onEnd(handler: EndHandler<Input>): Workflow<Input, Results> {
    const { name, onEnd } = this.definition
    checkFunction(`onEnd of workflow ${name}`, handler)
    if (onEnd) throw new TypeError(`workflow ${name} has an onEnd already, which this would replace`)
    return new Workflow({ ...this.definition, onEnd: handler as EndHandler<unknown> })
  }
}

/**
 * Begins the definition of a workflow.
 * @param name 1 to 63 letters, digits, `_`, `.` or `-`, beginning with a letter.
 * @throws TypeError for any other name, an unknown option, an `input` that is no schema of zod 4, or a number out of
 * range.
 */
export function workflow<Schema extends ZodSchema = ZodSchema>(
  name: string,
  options: WorkflowOptions<Schema> = {},
): Workflow<Schema['_zod']['output']> {
  if (!/^[A-Za-z][A-Za-z0-9_.-]{0,62}$/.test(name)) {
    throw new TypeError(`“${name}” cannot name a workflow: use 1 to 63 letters, digits, _ . - and begin with a letter`)
  }
  checkWorkflow(name, options)
  // `checkWorkflow` has seen that its input is one, and each release of zod 4 can check and describe those of the others.
  return new Workflow({ ...(options as unknown as WorkflowOptions<z.ZodType>), name, steps: [] })
}
