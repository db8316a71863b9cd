import { createComponent, type EventName } from '@lit/react'
import * as React from 'react'
import { define } from '../define.ts'
import type { StepcastEvents } from '../events.ts'
import { StepcastRun as RunElement } from '../stepcast-run.ts'

type Told<Name extends keyof StepcastEvents> = EventName<CustomEvent<StepcastEvents[Name]>>

const EVENTS = {
  onStepcastChange: 'stepcast-change' as Told<'stepcast-change'>,
  onStepcastEnd: 'stepcast-end' as Told<'stepcast-end'>,
  onStepcastError: 'stepcast-error' as Told<'stepcast-error'>,
  onStepcastCancelRequest: 'stepcast-cancel-request' as Told<'stepcast-cancel-request'>,
  onStepcastRetryRequest: 'stepcast-retry-request' as Told<'stepcast-retry-request'>,
}

/** `<stepcast-run>` for React 18, which sets no properties of elements and hears none of their events. React 19 needs none. */
export const StepcastRun = /* @__PURE__ */ makeRun()

export type StepcastRunProps = React.ComponentProps<typeof StepcastRun>

// In a function, so that a bundler drops it, and Lit with it, from an application that uses the hooks alone.
function makeRun() {
  define()
  return createComponent({ react: React, tagName: 'stepcast-run', elementClass: RunElement, events: EVENTS })
}
