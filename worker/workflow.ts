import type { z } from 'zod'
import type { Localized } from '../db/contract.ts'
import type { EndHandler, Handler } from './context.ts'

export type * from '../db/contract.ts'
export type * from './context.ts'

/** A sub-step that is shown as pending from the first moment; its step takes its progress from such sub-steps. */
export interface DeclaredSubstep {
  name: string
  displayName?: Localized
  /** Its share of the step's bar. Default 1. */
  weight?: number
}

export interface StepOptions {
  /** Default: the name with spaces for underscores. `{path}` is filled in from the input. */
  displayName?: Localized
  /** Its share of the run's bar until past runs tell better. Default 1; must be above 0. */
  weight?: number
  substeps?: readonly (string | DeclaredSubstep)[]
}

export interface StepDefinition extends StepOptions {
  readonly name: string
  readonly handler: Handler<unknown, object>
}

export interface WorkflowOptions<Schema extends z.ZodType> {
  /** A run's title. Default: the name with spaces for underscores. `{path}` is filled in from the input. */
  displayName?: Localized
  /** Checked before the first step, however the run was started. Default: anything goes. */
  input?: Schema
}

export interface WorkflowDefinition {
  readonly name: string
  readonly displayName?: Localized | undefined
  readonly input?: z.ZodType | undefined
  readonly steps: readonly StepDefinition[]
  readonly onEnd?: EndHandler<unknown> | undefined
}

/** A list of steps, in order, each with its handler. Immutable: `step` and `onEnd` give a new one. */
export class Workflow<Input = unknown, Results extends object = object> {
  readonly definition: WorkflowDefinition

  constructor(definition: WorkflowDefinition) {
    this.definition = definition
  }

  /**
   * Adds a step. What its handler returns must be JSON of 1 MiB at most; later steps find it in `ctx.results`.
   * @throws TypeError on a name that is taken or empty, or a weight that is not above 0.
   */
  step<Name extends string, Output>(
    name: Name,
    handler: Handler<Input, Results, Output>,
  ): Workflow<Input, Results & Record<Name, Output>>
  step<Name extends string, Output>(
    name: Name,
    options: StepOptions,
    handler: Handler<Input, Results, Output>,
  ): Workflow<Input, Results & Record<Name, Output>>
  step<Name extends string, Output>(
    name: Name,
    optionsOrHandler: StepOptions | Handler<Input, Results, Output>,
    maybeHandler?: Handler<Input, Results, Output>,
  ): Workflow<Input, Results & Record<Name, Output>> {
    const options = typeof optionsOrHandler === 'function' ? {} : optionsOrHandler
    const handler = typeof optionsOrHandler === 'function' ? optionsOrHandler : maybeHandler
    if (!handler) throw new TypeError(`step ${name} of workflow ${this.definition.name} has no handler`)
    this.#checkStep(name, options)
    // A handler is only ever called with what the steps before it gave, which is what its type says.
    const step = { ...options, name, handler: handler as Handler<unknown, object> }
    return new Workflow({ ...this.definition, steps: [...this.definition.steps, step] })
  }

  /**
   * Called once when a run ends, however it ends, in the transaction that ends it: what it writes through `tx` is there
   * exactly if the end is. When it throws after the last step, that step is rolled back and has failed.
   */
  onEnd(handler: EndHandler<Input>): Workflow<Input, Results> {
    return new Workflow({ ...this.definition, onEnd: handler as EndHandler<unknown> })
  }

  #checkStep(name: string, options: StepOptions): void {
    const where = `step “${name}” of workflow ${this.definition.name}`
    if (!name || name.length > 200) throw new TypeError(`${where}: a name has 1 to 200 characters`)
    if (this.definition.steps.some((step) => step.name === name)) throw new TypeError(`${where} is there twice`)
    const substeps = (options.substeps ?? []).map((substep) =>
      typeof substep === 'string' ? { name: substep } : substep,
    )
    for (const { weight } of [options, ...substeps]) {
      if (weight !== undefined && !(weight > 0)) throw new TypeError(`${where}: weight must be above 0, not ${weight}`)
    }
    if (new Set(substeps.map((substep) => substep.name)).size < substeps.length) {
      throw new TypeError(`${where} declares a sub-step twice`)
    }
  }
}

/**
 * Begins the definition of a workflow.
 * @param name 1 to 63 letters, digits, `_`, `.` or `-`, beginning with a letter.
 * @throws TypeError on another name.
 */
export function workflow<Schema extends z.ZodType = z.ZodUnknown>(
  name: string,
  options: WorkflowOptions<Schema> = {},
): Workflow<z.output<Schema>> {
  if (!/^[A-Za-z][A-Za-z0-9_.-]{0,62}$/.test(name)) {
    throw new TypeError(`“${name}” cannot name a workflow: use 1 to 63 letters, digits, _ . - and begin with a letter`)
  }
  return new Workflow({ name, steps: [], ...options })
}
