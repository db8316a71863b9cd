import type { z } from 'zod'
import type { Localized } from '../db/contract.ts'
import type { Condition, EndHandler, Handler } from './context.ts'
import type { Duration } from './duration.ts'

/** A sub-step that is shown as pending from the start. Its step takes its progress from its declared sub-steps. */
export interface DeclaredSubstep {
  name: string
  displayName?: Localized | undefined
  /** Its share of the step's progress bar. Default 1. */
  weight?: number | undefined
}

/**
 * What happens when an attempt of a step throws or times out. Worker crashes are counted separately and always retried.
 */
export interface RetryOptions {
  /** Attempts in total, including the first; at least 1. `retry_run` restarts the count. */
  attempts: number
  /** Wait before the second attempt. Default 1 s. */
  delay?: Duration | undefined
  /** Each further wait is this many times as long as the one before. Default 2. */
  factor?: number | undefined
  /** Longest wait. Default 5 min, or `delay` if that is longer. */
  maxDelay?: Duration | undefined
  /** Random share of each wait, so that steps that failed together are not retried together. Default 0.5. */
  jitter?: number | undefined
  /** Return true for an error that another attempt cannot fix: the step fails at once. */
  unless?: ((error: unknown) => boolean) | undefined
}

/** The options of a step that do not depend on its workflow, so one object can serve steps of several workflows. */
export interface StepSettings {
  /** `{path}` is filled in from the input. Default: the name as a title, `create_repository` → “Create repository”. */
  displayName?: Localized | undefined
  /** Its share of the run's progress bar, until past runs give a better one. Default 1; must be above 0. */
  weight?: number | undefined
  /** Sub-steps to show as pending from the start. */
  substeps?: readonly (string | DeclaredSubstep)[] | undefined
  /** What the step does if a step that it needs was skipped. Default `run`, without that step's result. */
  whenSkipped?: 'run' | 'skip' | undefined
  /** Default: one attempt. */
  retry?: RetryOptions | undefined
  /** Time limit of one attempt. Past it, the attempt's signal is aborted and the attempt fails. Default: none. */
  timeout?: Duration | undefined
  /** After this long without any report, log line or sub-step, it counts as stuck. Default 10 min; false: never. */
  stuckAfter?: Duration | false | undefined
}

/** The options of a step, including those that depend on the steps before it. */
export interface StepOptions<Input, Results extends object, Need extends string> extends StepSettings {
  /**
   * Steps defined before this one that must be completed or skipped before it begins. With `[]` it begins with the run.
   * Steps whose needs are met run at the same time. Default: the step defined immediately before.
   */
  needs?: readonly Need[] | undefined
  /** Called when the step's needs are met. If it returns false, the step is skipped. */
  when?: ((condition: Condition<Input, Results>) => boolean | Promise<boolean>) | undefined
}

export interface StepDefinition extends StepOptions<unknown, object, string> {
  readonly name: string
  readonly handler: Handler<unknown, object>
}

export interface ConcurrencyOptions {
  /** How many runs of one tenant and one key may run at the same time. */
  limit: number
  /** Filled in from the input, like a display name: `'{customer.id}'`. Default: one key for all runs of the tenant. */
  key?: string | undefined
}

/**
 * A schema of zod 4, or of `zod/mini`: of whichever release the application has, beside the one that this package has.
 * Each release adds members to the types of the one before; all that these have in common is this.
 */
export interface ZodSchema {
  readonly _zod: { readonly output: unknown }
}

export interface WorkflowOptions<Schema extends ZodSchema> {
  /**
   * A run's title; `{path}` is filled in from the input. Default: the name as a title, `create_project` → “Create
   * project”.
   */
  displayName?: Localized | undefined
  /** Checked before the first step, however the run was started. Default: any input is accepted. */
  input?: Schema | undefined
  /** Time limit of a run, from its start to its end, including waits between attempts. Default: none. */
  timeout?: Duration | undefined
  /** Runs above the limit wait, without keeping a worker busy. Default: no limit. */
  concurrency?: ConcurrencyOptions | undefined
  /**
   * What happens when a step has failed for good: `cancel-siblings` stops the steps that run at the same time;
   * `finish-siblings` first lets every step that does not need the failed one finish. Default `cancel-siblings`.
   */
  onFailure?: 'cancel-siblings' | 'finish-siblings' | undefined
}

export interface WorkflowDefinition extends Omit<WorkflowOptions<ZodSchema>, 'input'> {
  readonly name: string
  readonly input?: z.ZodType | undefined
  readonly steps: readonly StepDefinition[]
  readonly onEnd?: EndHandler<unknown> | undefined
}
