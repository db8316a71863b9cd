import type { LitElement } from 'lit'
import type { GetToken } from '../stream.ts'
import type { Period } from './period.ts'

/** What the body of `<stepcast-stats>` reads and sets on its element. */
export interface StatsHost extends LitElement {
  workflow: string | null
  period: Period
  src: string
  token: string | null
  getToken: GetToken | null
  withWorkflows: boolean
}
