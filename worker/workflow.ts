import type { z } from 'zod'
import type { Localized } from '../db/contract.ts'
import type { Condition, EndHandler, Handler } from './context.ts'
import { checkStep } from './definition.ts'
import { type Duration, milliseconds } from './duration.ts'

export type * from '../db/contract.ts'
export type * from './context.ts'
export type { Duration } from './duration.ts'

/** A sub-step that is shown as pending from the first moment; its step takes its progress from such sub-steps. */
export interface DeclaredSubstep {
  name: string
  displayName?: Localized
  /** Its share of the step's bar. Default 1. */
  weight?: number
}

/** What happens when a try of a step throws or times out. Crashes of workers count apart, and are always tried again. */
export interface RetryOptions {
  /** Tries in all, the first included; at least 1. `retry_run` starts the count anew. */
  attempts: number
  /** Before the second try. Default 1 s. */
  delay?: Duration
  /** By which each further wait is longer than the one before. Default 2. */
  factor?: number
  /** Default 5 min. */
  maxDelay?: Duration
  /** The share of a wait that is left to chance, so that what failed together does not return together. Default 0.5. */
  jitter?: number
  /** True for an error that a further try cannot mend: the step fails at once. */
  unless?: (error: unknown) => boolean
}

export interface StepOptions<Input = unknown, Results extends object = object, Need extends string = string> {
  /** Default: the name with spaces for underscores. `{path}` is filled in from the input. */
  displayName?: Localized
  /** Its share of the run's bar until past runs tell better. Default 1; must be above 0. */
  weight?: number
  substeps?: readonly (string | DeclaredSubstep)[]
  /**
   * Steps, defined before this one, that must be completed or skipped before it begins; `[]`: none, it begins with the run.
   * Steps whose needs are met run at the same time. Default: the step defined just before it.
   */
  needs?: readonly Need[]
  /** What it does when a step that it needs was skipped. Default `run`, without that one's result. */
  whenSkipped?: 'run' | 'skip'
  /** Asked when its needs are met; false: it is skipped. */
  when?: (condition: Condition<Input, Results>) => boolean | Promise<boolean>
  /** Default: one try. */
  retry?: RetryOptions
  /** Of one try. Then its signal is aborted, and it has failed. Default: none. */
  timeout?: Duration
  /** Without any report, log line or sub-step for that long it counts as stuck. Default 10 min; false: never. */
  stuckAfter?: Duration | false
}

export interface StepDefinition extends StepOptions {
  readonly name: string
  readonly handler: Handler<unknown, object>
}

export interface ConcurrencyOptions {
  /** Runs at the same time, of one tenant and one key. */
  limit: number
  /** Filled in from the input, as a display name is: `'{customer.id}'`. Default: one for all runs of the tenant. */
  key?: string
}

export interface WorkflowOptions<Schema extends z.ZodType> {
  /** A run's title. Default: the name with spaces for underscores. `{path}` is filled in from the input. */
  displayName?: Localized
  /** Checked before the first step, however the run was started. Default: anything goes. */
  input?: Schema
  /** Of a run, from its start to its end, waits between tries included. Default: none. */
  timeout?: Duration
  /** The runs above the limit wait, and keep no worker busy. Default: no limit. */
  concurrency?: ConcurrencyOptions
  /**
   * When a step has failed for good: `cancel-siblings` stops what runs at the same time; `finish-siblings` lets all that
   * does not need it go on to its end first. Default `cancel-siblings`.
   */
  onFailure?: 'cancel-siblings' | 'finish-siblings'
}

export interface WorkflowDefinition extends Omit<WorkflowOptions<z.ZodType>, 'input'> {
  readonly name: string
  readonly input?: z.ZodType | undefined
  readonly steps: readonly StepDefinition[]
  readonly onEnd?: EndHandler<unknown> | undefined
}

/** The steps of a workflow, each with its handler. Immutable: `step` and `onEnd` give a new one. */
export class Workflow<Input = unknown, Results extends object = object> {
  readonly definition: WorkflowDefinition

  constructor(definition: WorkflowDefinition) {
    this.definition = definition
  }

  /**
   * Adds a step. What its handler returns must be JSON of 1 MiB at most; later steps find it in `ctx.results`.
   * @throws TypeError on what cannot be: a name that is taken, a need that is not defined before it (so that there are no
   * circles), a number out of range.
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
    optionsOrHandler: StepOptions<never, never> | Handler<never, never, Output>,
    maybeHandler?: Handler<never, never, Output>,
  ): Workflow<Input, Results & Record<Name, Output>> {
    const options = typeof optionsOrHandler === 'function' ? {} : optionsOrHandler
    const handler = typeof optionsOrHandler === 'function' ? optionsOrHandler : maybeHandler
    if (!handler) throw new TypeError(`step ${name} of workflow ${this.definition.name} has no handler`)
    // Handler and `when` are only ever called with what the steps before gave, which is what their types say.
    const step = { ...options, name, handler } as unknown as StepDefinition
    checkStep(this.definition, step)
    return new Workflow({ ...this.definition, steps: [...this.definition.steps, step] })
  }

  /**
   * Called once when a run ends, however it ends, in the transaction that ends it: what it writes through `tx` is there
   * exactly if the end is. When it throws after the last step, that step is rolled back and has failed.
   */
  onEnd(handler: EndHandler<Input>): Workflow<Input, Results> {
    return new Workflow({ ...this.definition, onEnd: handler as EndHandler<unknown> })
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
  if (options.timeout !== undefined) milliseconds(options.timeout, `timeout of workflow ${name}`)
  const { limit } = options.concurrency ?? {}
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    throw new TypeError(`the concurrency limit of workflow ${name} must be a whole number above 0, not ${limit}`)
  }
  return new Workflow({ name, steps: [], ...options })
}
