import type { Stats } from '../../db/contract.ts'
import type { Period } from './period.ts'

/** The events of `<stepcast-stats>` besides `stepcast-error`; all of them bubble and cross shadow roots. */
export interface StatsEvents {
  'stepcast-period-change': { period: Period }
  'stepcast-workflow-change': { workflow: string | null }
  'stepcast-stats': { stats: Stats }
}

export function emit<Name extends keyof StatsEvents>(from: Element, name: Name, detail: StatsEvents[Name]): void {
  from.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
}

declare global {
  /** Of elements, and of the document and the window, which the events reach. */
  interface GlobalEventHandlersEventMap {
    'stepcast-period-change': CustomEvent<StatsEvents['stepcast-period-change']>
    'stepcast-workflow-change': CustomEvent<StatsEvents['stepcast-workflow-change']>
    'stepcast-stats': CustomEvent<StatsEvents['stepcast-stats']>
  }
}
