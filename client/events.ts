import type { EndReason, Run, Step } from '../db/contract.ts'
import type { RequestError } from './problem.ts'
import type { RunsFilter } from './runs/filter.ts'

/** What the elements dispatch; all of them bubble and cross shadow roots. */
export interface StepcastEvents {
  /** The run, its steps or its logs have changed. */
  'stepcast-change': { run: Run; steps: readonly Step[] }
  /** It is over, or gone (`run` null: it was never there). */
  'stepcast-end': { run: Run | null; reason: EndReason }
  /** The server refused, for good. */
  'stepcast-error': { error: RequestError }
  /** Cancelable: prevent it and the element asks no server. `reason`: what the reader wrote; null: nothing. */
  'stepcast-cancel-request': { run: Run; reason: string | null }
  /** Cancelable. `from`: the step to begin at; null: where it failed. */
  'stepcast-retry-request': { run: Run; from: string | null }
  /** Cancelable: prevent it and the run of a list is not opened. */
  'stepcast-open': { run: Run }
  /** A reader has changed what a list shows, or whether in groups. */
  'stepcast-filter': RunsFilter
}

/** Dispatches it; false: a listener prevented the default of one that is cancelable. */
export function emit<Name extends keyof StepcastEvents>(
  from: Element,
  name: Name,
  detail: StepcastEvents[Name],
  cancelable = false,
): boolean {
  return from.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable }))
}

declare global {
  interface HTMLElementEventMap {
    'stepcast-change': CustomEvent<StepcastEvents['stepcast-change']>
    'stepcast-end': CustomEvent<StepcastEvents['stepcast-end']>
    'stepcast-error': CustomEvent<StepcastEvents['stepcast-error']>
    'stepcast-cancel-request': CustomEvent<StepcastEvents['stepcast-cancel-request']>
    'stepcast-retry-request': CustomEvent<StepcastEvents['stepcast-retry-request']>
    'stepcast-open': CustomEvent<StepcastEvents['stepcast-open']>
    'stepcast-filter': CustomEvent<StepcastEvents['stepcast-filter']>
  }
}
