import type { EndReason, Run, Step } from '../db/contract.ts'
import type { RequestError } from './problem.ts'
import type { RunsFilter } from './runs/filter.ts'

/** The events that the elements dispatch; all of them bubble and cross shadow roots. */
export interface StepcastEvents {
  /** The run, its steps or its logs have changed. */
  'stepcast-change': { run: Run; steps: readonly Step[] }
  /** The run has ended or is gone (`run` null: it never existed). */
  'stepcast-end': { run: Run | null; reason: EndReason }
  /** The server refused for good. */
  'stepcast-error': { error: RequestError }
  /** Cancelable: if prevented, the element sends no request. `reason`: what the user wrote; null: nothing. */
  'stepcast-cancel-request': { run: Run; reason: string | null }
  /** Cancelable, in the same way. `from`: the step to begin at; null: where it failed. */
  'stepcast-retry-request': { run: Run; from: string | null }
  /** Cancelable: if prevented, the list does not open the run. */
  'stepcast-open': { run: Run }
  /** The user has changed what a list shows, or whether it is grouped. */
  'stepcast-filter': RunsFilter
}

/** Dispatches an event; false: it is cancelable, and a listener prevented its default. */
export function emit<Name extends keyof StepcastEvents>(
  from: Element,
  name: Name,
  detail: StepcastEvents[Name],
  cancelable = false,
): boolean {
  return from.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable }))
}

declare global {
  /** Of elements, and of the document and the window, which the events reach. */
  interface GlobalEventHandlersEventMap {
    'stepcast-change': CustomEvent<StepcastEvents['stepcast-change']>
    'stepcast-end': CustomEvent<StepcastEvents['stepcast-end']>
    'stepcast-error': CustomEvent<StepcastEvents['stepcast-error']>
    'stepcast-cancel-request': CustomEvent<StepcastEvents['stepcast-cancel-request']>
    'stepcast-retry-request': CustomEvent<StepcastEvents['stepcast-retry-request']>
    'stepcast-open': CustomEvent<StepcastEvents['stepcast-open']>
    'stepcast-filter': CustomEvent<StepcastEvents['stepcast-filter']>
  }
}
