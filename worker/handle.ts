import type { Ending } from '../db/engine.ts'
import type { StepContext } from './context.ts'
import { copy } from './copy.ts'
import type { Course } from './course.ts'
import type { StepDefinition } from './options.ts'
import { serialize } from './output.ts'
import type { RunningStep } from './step.ts'
import type { Workflow } from './workflow.ts'

/** How long a handler may continue after its signal; then it is left behind, and nothing of it is written. */
const ABANDON_MS = 1_000

/** Whatever a handler throws is its step's failure, even if it looks like a fault of the database. */
export class HandlerError extends Error {
  override name = 'HandlerError'
}

/**
 * Calls a step's `when`, then its handler, and returns how the attempt ended. Throws HandlerError with what these threw
 * as `cause`, or a fault of the engine that they met.
 */
export async function handle(course: Course, step: RunningStep): Promise<Ending> {
  const { workflow, holding } = course
  const definition = definitionOf(workflow, step.info.step)
  const { id, attempt } = step.info
  const results = await course.results.for(definition)
  const input = copy(course.input)
  // It may have been stopped while it waited for its turn, or for the results.
  step.signal.throwIfAborted()
  try {
    const { when } = definition
    if (when && !(await untilAbandoned(step.signal, when({ input, results, run: holding.info })))) {
      return { id, attempt, status: 'skipped', output: null, reason: 'Its condition was not met.' }
    }
    const context: StepContext<unknown, object> = { ...step.context, input, results }
    const value = await untilAbandoned(
      step.signal,
      step.trace.within(() => definition.handler(context)),
    )
    const output = serialize(value, `the result of step ${definition.name}`, holding.secrets.mask)
    if (step.skipped === null) return { id, attempt, status: 'completed', output, reason: null }
  } catch (cause) {
    if (step.skipped === null) throw step.stepAttempt.fault ?? new HandlerError('the handler threw', { cause })
  }
  return { id, attempt, status: 'skipped', output: null, reason: step.skipped }
}

function definitionOf(workflow: Workflow, name: string): StepDefinition {
  const { definition } = workflow
  const found = definition.steps.find((step) => step.name === name)
  if (!found) throw new Error(`workflow ${definition.name} has no step ${name}, though its version says so`)
  return found
}

/** A handler's result, or an error a second after its signal: the handler may continue, but nobody waits for it. */
function untilAbandoned<T>(signal: AbortSignal, result: T | PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const leave = () => {
      timer = setTimeout(() => reject(signal.reason), ABANDON_MS)
    }
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    Promise.resolve(result)
      .then(resolve, reject)
      .finally(() => {
        signal.removeEventListener('abort', leave)
        clearTimeout(timer)
      })
  })
}
