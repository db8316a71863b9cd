import { createComponent, type EventName } from '@lit/react'
import * as React from 'react'
import { define } from '../define.ts'
import type { StepcastEvents } from '../events.ts'
import type { StatsEvents } from '../stats/events.ts'
import { StepcastStats as StatsElement } from '../stats/stepcast-stats.ts'
import { StepcastRun as RunElement } from '../stepcast-run.ts'
import { StepcastRuns as RunsElement } from '../stepcast-runs.ts'

type Events = StepcastEvents & StatsEvents
type Told<Name extends keyof Events> = EventName<CustomEvent<Events[Name]>>

const ERROR = { onStepcastError: 'stepcast-error' as Told<'stepcast-error'> }
const REQUESTS = {
  onStepcastCancelRequest: 'stepcast-cancel-request' as Told<'stepcast-cancel-request'>,
  onStepcastRetryRequest: 'stepcast-retry-request' as Told<'stepcast-retry-request'>,
}

/**
 * `<stepcast-run>` for React 18, which does not set properties of custom elements or listen to their events. React 19
 * does not need it.
 */
export const StepcastRun = /* @__PURE__ */ makeRun()
/** The same for `<stepcast-runs>`. */
export const StepcastRuns = /* @__PURE__ */ makeRuns()
/** The same for `<stepcast-stats>`. */
export const StepcastStats = /* @__PURE__ */ makeStats()

export type StepcastRunProps = React.ComponentProps<typeof StepcastRun>
export type StepcastRunsProps = React.ComponentProps<typeof StepcastRuns>
export type StepcastStatsProps = React.ComponentProps<typeof StepcastStats>

// In functions, so that a bundler drops them, and Lit with them, from an application that uses only the hooks.
function makeRun() {
  define()
  const events = {
    ...ERROR,
    ...REQUESTS,
    onStepcastChange: 'stepcast-change' as Told<'stepcast-change'>,
    onStepcastEnd: 'stepcast-end' as Told<'stepcast-end'>,
  }
  return createComponent({ react: React, tagName: 'stepcast-run', elementClass: RunElement, events })
}

function makeRuns() {
  define()
  const events = {
    ...ERROR,
    ...REQUESTS,
    onStepcastOpen: 'stepcast-open' as Told<'stepcast-open'>,
    onStepcastFilter: 'stepcast-filter' as Told<'stepcast-filter'>,
  }
  return createComponent({ react: React, tagName: 'stepcast-runs', elementClass: RunsElement, events })
}

function makeStats() {
  define()
  const events = {
    ...ERROR,
    onStepcastStats: 'stepcast-stats' as Told<'stepcast-stats'>,
    onStepcastPeriodChange: 'stepcast-period-change' as Told<'stepcast-period-change'>,
    onStepcastWorkflowChange: 'stepcast-workflow-change' as Told<'stepcast-workflow-change'>,
  }
  return createComponent({ react: React, tagName: 'stepcast-stats', elementClass: StatsElement, events })
}
