// What the types of the elements say to each framework, compiled against the published declarations.
import type { JSX as Preact } from 'preact'
import { StepcastRun, StepcastRuns, StepcastStats, useRun, useRuns } from 'stepcast/react'
import type {} from 'stepcast/types/preact'
import type {} from 'stepcast/types/react'
import type {} from 'stepcast/types/svelte'
import type {} from 'stepcast/types/vue'
import type { SvelteHTMLElements } from 'svelte/elements'
import type { GlobalComponents } from 'vue'

type Vue = InstanceType<GlobalComponents['stepcast-run']>['$props']

const given = { 'run-id': 'a', src: '/stepcast', 'with-logs': true, lang: 'zh-CN', getToken: null } as const
export const vue: Vue = given
export const svelte: SvelteHTMLElements['stepcast-run'] = { ...given, 'onstepcast-end': ({ detail }) => detail.reason }
export const preact: Preact.IntrinsicElements['stepcast-run'] = {
  ...given,
  'onstepcast-end': ({ detail }) => detail.reason,
}
export const react19 = (
  <stepcast-run {...given} className="wide" onstepcast-end={({ detail }) => void detail.run?.status} />
)
export const react18 = (
  <StepcastRun workflow="w" runKey="1" withLogs onStepcastEnd={({ detail }) => void detail.reason.length} />
)
export const lists = (
  <StepcastRuns status="running" withFilters share="ann" onStepcastOpen={({ detail }) => void detail.run.id} />
)
export const statistics = <StepcastStats period="30d" onStepcastStats={({ detail }) => void detail.stats.total.runs} />
export const statistics19 = <stepcast-stats period="30d" onstepcast-stats={({ detail }) => void detail.stats.total} />

export function Progress() {
  const { run, steps, connection } = useRun({ run: 'a' }, { src: '/stepcast', logs: true })
  const { runs } = useRuns({ status: 'running' })
  return `${run?.progress} ${steps.length} ${connection.state} ${runs.length}`
}

/** React leaves out an attribute that is false; of the others the property takes it. */
export const off19 = <stepcast-run with-logs={false} />
export const off: Vue = { withLogs: false }
// @ts-expect-error it would be written as "false", which is on
export const on: Vue = { 'with-logs': false }
// @ts-expect-error a boolean is no text
export const wrong = <stepcast-run with-logs="yes" />
// @ts-expect-error there is no such time
export const century = <StepcastStats period="100y" />
// @ts-expect-error there is no such attribute
export const unknown: Vue = { 'run-idd': 'a' }
