import { milliseconds } from './duration.ts'
import type { ConcurrencyOptions, RetryOptions, StepDefinition, WorkflowDefinition } from './options.ts'
import { clean } from './text.ts'

/** The limits of the database's constraints and types. */
const LONGEST_NAME = 200
const HEAVIEST = 1e15
const LARGEST_INTEGER = 2 ** 31 - 1

/** Throws a TypeError that names what is invalid in a step that is about to be added to a workflow. */
export function checkStep(workflow: WorkflowDefinition, step: StepDefinition): void {
  const where = `step “${step.name}” of workflow ${workflow.name}`
  const before = workflow.steps.map(({ name }) => name)
  checkName(`${where}: a name`, step.name)
  if (before.includes(step.name)) throw new TypeError(`${where} is defined twice`)
  checkList(`${where}: needs`, step.needs)
  for (const need of step.needs ?? []) {
    if (!before.includes(need)) {
      const known = before.length > 0 ? before.join(', ') : 'none'
      throw new TypeError(
        `${where} needs ${need}, which is not defined before it (there are: ${known}); this order rules out circles`,
      )
    }
  }
  checkFunction(`${where}: the handler`, step.handler)
  if (step.when !== undefined) checkFunction(`${where}: when`, step.when)
  checkOneOf(`${where}: whenSkipped`, step.whenSkipped, ['run', 'skip'])
  checkParts(where, step)
  if (step.timeout !== undefined) milliseconds(step.timeout, `${where}: timeout`)
  const { stuckAfter = false } = step
  if (stuckAfter !== false) milliseconds(stuckAfter, `${where}: stuckAfter`)
  if (step.retry) checkRetry(where, step.retry)
}

/** Throws a TypeError if a definition in plain JavaScript gives something else, which would otherwise fail in a run. */
export function checkFunction(what: string, given: unknown): void {
  if (typeof given !== 'function') throw new TypeError(`${what} must be a function, not ${typeof given}`)
}

/** Throws a TypeError if `given` is not one of the words; undefined: not given. */
export function checkOneOf(what: string, given: unknown, words: readonly string[]): void {
  if (given !== undefined && !words.includes(given as string))
    throw new TypeError(`${what} must be ${words.join(' or ')}, not ${given}`)
}

/**
 * Throws a TypeError for what is no schema of zod 4, such as one of the version before, which an application may have
 * beside ours, or JSON Schema.
 */
export function checkSchema(what: string, given: unknown): void {
  if (typeof given === 'object' && given !== null && '_zod' in given) return
  const seen = typeof given === 'object' && given !== null && '_def' in given ? 'one of zod 3' : typeof given
  throw new TypeError(`${what} must be a schema of zod 4, not ${seen}`)
}

/** A text would pass for the list of its letters. */
function checkList(what: string, given: unknown): void {
  if (given !== undefined && !Array.isArray(given)) throw new TypeError(`${what} must be a list of names, not ${given}`)
}

function checkName(what: string, name: string): void {
  if (!name || name.length > LONGEST_NAME) throw new TypeError(`${what} has 1 to ${LONGEST_NAME} characters`)
  if (name !== clean(name)) throw new TypeError(`${what} has neither NUL nor half of a surrogate pair: ${name}`)
}

function checkParts(where: string, step: StepDefinition): void {
  checkList(`${where}: substeps`, step.substeps)
  const substeps = (step.substeps ?? []).map((substep) => (typeof substep === 'string' ? { name: substep } : substep))
  for (const { name } of substeps) checkName(`${where}: the name of a sub-step`, name)
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
  const { attempts, factor = 1, jitter = 0, delay = 1, maxDelay = 1 } = retry
  milliseconds(delay, `${where}: retry.delay`)
  milliseconds(maxDelay, `${where}: retry.maxDelay`)
  if (!(Number.isInteger(attempts) && attempts >= 1 && attempts <= 10_000)) {
    throw new TypeError(`${where}: retry.attempts counts all attempts and must be from 1 to 10,000, not ${attempts}`)
  }
  if (!(factor >= 1 && factor < Infinity)) {
    throw new TypeError(`${where}: retry.factor must be at least 1, not ${factor}`)
  }
  if (!(jitter >= 0 && jitter <= 1)) throw new TypeError(`${where}: retry.jitter must be from 0 to 1, not ${jitter}`)
}

/** Throws a TypeError for an invalid concurrency limit. */
export function checkConcurrency(workflow: string, { limit }: ConcurrencyOptions): void {
  checkPlaces(`the concurrency limit of workflow ${workflow}`, limit)
}

/** Throws a TypeError if `places` cannot be a number of concurrent runs; `what` says which option it is. */
export function checkPlaces(what: string, places: number): void {
  if (!(Number.isInteger(places) && places > 0 && places <= LARGEST_INTEGER)) {
    throw new TypeError(`${what} must be a whole number above 0, up to ${LARGEST_INTEGER}, not ${places}`)
  }
}
