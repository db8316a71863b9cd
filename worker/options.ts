import type { z } from 'zod'
import type { Localized } from '../db/contract.ts'
import type { Condition, EndHandler, Handler } from './context.ts'
import type { Duration } from './duration.ts'

/** A sub-step that is shown as pending from the first moment; its step takes its progress from such sub-steps. */
export interface DeclaredSubstep {
  name: string
  displayName?: Localized | undefined
  /** Its share of the step's bar. Default 1. */
  weight?: number | undefined
}

/**
 * What happens when an attempt of a step throws or times out. Crashes of workers count apart, and are always tried
 * again.
 */
export interface RetryOptions {
  /** Attempts in all, the first included; at least 1. `retry_run` starts the count anew. */
  attempts: number
  /** Before the second attempt. Default 1 s. */
  delay?: Duration | undefined
  /** By which each further wait is longer than the one before. Default 2. */
  factor?: number | undefined
  /** Default 5 min, or `delay` where that is longer. */
  maxDelay?: Duration | undefined
  /** The share of a wait that is left to chance, so that what failed together does not return together. Default 0.5. */
  jitter?: number | undefined
  /** True for an error that a further attempt cannot mend: the step fails at once. */
  unless?: ((error: unknown) => boolean) | undefined
}

/** What may be said of a step whatever its workflow: kept apart, it fits each. */
export interface StepSettings {
  /** Default: the name as a title, `create_repository` → “Create repository”. `{path}` is filled in from the input. */
  displayName?: Localized | undefined
  /** Its share of the run's bar until past runs tell better. Default 1; must be above 0. */
  weight?: number | undefined
  substeps?: readonly (string | DeclaredSubstep)[] | undefined
  /** What it does when a step that it needs was skipped. Default `run`, without that one's result. */
  whenSkipped?: 'run' | 'skip' | undefined
  /** Default: one attempt. */
  retry?: RetryOptions | undefined
  /** Of one attempt. Then its signal is aborted, and it has failed. Default: none. */
  timeout?: Duration | undefined
  /** Without any report, log line or sub-step for that long it counts as stuck. Default 10 min; false: never. */
  stuckAfter?: Duration | false | undefined
}

/** With what only the steps before it tell: their names, and what they give. */
export interface StepOptions<Input, Results extends object, Need extends string> extends StepSettings {
  /**
   * Steps, defined before this one, that must be completed or skipped before it begins; `[]`: none, it begins with the
   * run. Steps whose needs are met run at the same time. Default: the step defined just before it.
   */
  needs?: readonly Need[] | undefined
  /** Asked when its needs are met; false: it is skipped. */
  when?: ((condition: Condition<Input, Results>) => boolean | Promise<boolean>) | undefined
}

export interface StepDefinition extends StepOptions<unknown, object, string> {
  readonly name: string
  readonly handler: Handler<unknown, object>
}

export interface ConcurrencyOptions {
  /** Runs at the same time, of one tenant and one key. */
  limit: number
  /** Filled in from the input, as a display name is: `'{customer.id}'`. Default: one for all runs of the tenant. */
  key?: string | undefined
}

export interface WorkflowOptions<Schema extends z.ZodType> {
  /**
   * A run's title. Default: the name as one, `create_project` → “Create project”. `{path}` is filled in from the input.
   */
  displayName?: Localized | undefined
  /** Checked before the first step, however the run was started. Default: anything goes. */
  input?: Schema | undefined
  /** Of a run, from its start to its end, waits between attempts included. Default: none. */
  timeout?: Duration | undefined
  /** The runs above the limit wait, and keep no worker busy. Default: no limit. */
  concurrency?: ConcurrencyOptions | undefined
  /**
   * When a step has failed for good: `cancel-siblings` stops what runs at the same time; `finish-siblings` lets all
   * that does not need it go on to its end first. Default `cancel-siblings`.
   */
  onFailure?: 'cancel-siblings' | 'finish-siblings' | undefined
}

export interface WorkflowDefinition extends Omit<WorkflowOptions<z.ZodType>, 'input'> {
  readonly name: string
  readonly input?: z.ZodType | undefined
  readonly steps: readonly StepDefinition[]
  readonly onEnd?: EndHandler<unknown> | undefined
}
