import {
  checkFunction,
  checkList,
  checkLocalized,
  checkName,
  checkOneOf,
  checkOptions,
  checkPlaces,
  checkSchema,
  checkStorable,
} from './check-option.ts'
import { milliseconds } from './duration.ts'
import type {
  ConcurrencyOptions,
  DeclaredSubstep,
  RetryOptions,
  StepDefinition,
  WorkflowDefinition,
  WorkflowOptions,
  ZodSchema,
} from './options.ts'

/** The limit of the database's constraint. */
const HEAVIEST = 1e15

/** The compiler sees that none is missing. */
const WORKFLOW: Record<keyof WorkflowOptions<ZodSchema>, true> = {
  displayName: true,
  input: true,
  timeout: true,
  concurrency: true,
  onFailure: true,
}
const CONCURRENCY: Record<keyof ConcurrencyOptions, true> = { limit: true, key: true }
const STEP: Record<Exclude<keyof StepDefinition, 'name' | 'handler'>, true> = {
  displayName: true,
  needs: true,
  when: true,
  whenSkipped: true,
  substeps: true,
  weight: true,
  retry: true,
  timeout: true,
  stuckAfter: true,
}
const SUBSTEP: Record<keyof DeclaredSubstep, true> = { name: true, displayName: true, weight: true }
const RETRY: Record<keyof RetryOptions, true> = {
  attempts: true,
  delay: true,
  factor: true,
  maxDelay: true,
  jitter: true,
  unless: true,
}

/** Throws a TypeError that names what is invalid in the options of a workflow. */
export function checkWorkflow(name: string, options: WorkflowOptions<ZodSchema>): void {
  const of = `of workflow ${name}`
  checkOptions(`the options ${of}`, options, WORKFLOW)
  checkLocalized(`displayName ${of}`, options.displayName)
  checkOneOf(`onFailure ${of}`, options.onFailure, ['cancel-siblings', 'finish-siblings'])
  if (options.timeout !== undefined) milliseconds(options.timeout, `timeout ${of}`)
  if (options.input !== undefined) checkSchema(`input ${of}`, options.input)
  if (options.concurrency !== undefined) checkConcurrency(of, options.concurrency)
}

function checkConcurrency(of: string, concurrency: ConcurrencyOptions): void {
  checkOptions(`the concurrency ${of}`, concurrency, CONCURRENCY)
  checkPlaces(`the concurrency limit ${of}`, concurrency.limit)
  const { key } = concurrency
  if (key === undefined) return
  if (typeof key !== 'string') throw new TypeError(`the concurrency key ${of} must be a text, not ${typeof key}`)
  checkStorable(`the concurrency key ${of}`, key)
}

/** Throws a TypeError that names what is invalid in a step that is about to be added to a workflow. */
export function checkStep(workflow: WorkflowDefinition, step: StepDefinition): void {
  const { name, handler, ...options } = step
  const where = `step “${name}” of workflow ${workflow.name}`
  const before = workflow.steps.map((other) => other.name)
  checkName(`${where}: a name`, name)
  if (before.includes(name)) throw new TypeError(`${where} is defined twice`)
  checkFunction(`${where}: the handler`, handler)
  checkOptions(where, options, STEP)
  checkNeeds(where, before, options.needs)
  checkLocalized(`${where}: displayName`, options.displayName)
  if (options.when !== undefined) checkFunction(`${where}: when`, options.when)
  checkOneOf(`${where}: whenSkipped`, options.whenSkipped, ['run', 'skip'])
  checkParts(where, step)
  if (options.timeout !== undefined) milliseconds(options.timeout, `${where}: timeout`)
  const { stuckAfter = false } = options
  if (stuckAfter !== false) milliseconds(stuckAfter, `${where}: stuckAfter`)
  if (options.retry !== undefined) checkRetry(where, options.retry)
}

function checkNeeds(where: string, before: readonly string[], needs: readonly string[] = []): void {
  checkList(`${where}: needs`, needs)
  for (const need of needs) {
    if (!before.includes(need)) {
      const known = before.length > 0 ? before.join(', ') : 'none'
      throw new TypeError(
        `${where} needs ${need}, which is not defined before it (there are: ${known}); this order rules out circles`,
      )
    }
  }
}

function checkParts(where: string, step: StepDefinition): void {
  checkList(`${where}: substeps`, step.substeps)
  const substeps = (step.substeps ?? []).map((substep) => (typeof substep === 'string' ? { name: substep } : substep))
  for (const substep of substeps) {
    checkOptions(`${where}: a sub-step`, substep, SUBSTEP)
    checkName(`${where}: the name of a sub-step`, substep.name)
    checkLocalized(`${where}: displayName of sub-step ${substep.name}`, substep.displayName)
  }
  for (const { weight } of [step, ...substeps]) {
    if (weight !== undefined && !(weight > 0 && weight <= HEAVIEST)) {
      throw new TypeError(`${where}: weight must be above 0, up to 1e15, not ${weight}`)
    }
  }
  if (new Set(substeps.map(({ name }) => name)).size < substeps.length) {
    throw new TypeError(`${where} declares a sub-step twice`)
  }
}

function checkRetry(where: string, retry: RetryOptions): void {
  checkOptions(`${where}: retry`, retry, RETRY)
  const { attempts, factor = 1, jitter = 0, delay = 1, maxDelay = 1, unless } = retry
  milliseconds(delay, `${where}: retry.delay`)
  milliseconds(maxDelay, `${where}: retry.maxDelay`)
  if (!(Number.isInteger(attempts) && attempts >= 1 && attempts <= 10_000)) {
    throw new TypeError(`${where}: retry.attempts counts all attempts and must be from 1 to 10,000, not ${attempts}`)
  }
  if (!(factor >= 1 && factor < Infinity)) {
    throw new TypeError(`${where}: retry.factor must be at least 1, not ${factor}`)
  }
  if (!(jitter >= 0 && jitter <= 1)) throw new TypeError(`${where}: retry.jitter must be from 0 to 1, not ${jitter}`)
  if (unless !== undefined) checkFunction(`${where}: retry.unless`, unless)
}
