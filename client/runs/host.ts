import type { LitElement } from 'lit'
import type { GetToken } from '../stream.ts'

/** What a list reads from its element. */
export interface RunsHost extends LitElement {
  readonly workflow: string | null
  readonly status: string | null
  readonly runKey: string | null
  readonly q: string | null
  readonly limit: number
  readonly groupBy: string | null
  readonly href: string | null
  readonly src: string
  readonly token: string | null
  readonly getToken: GetToken | null
  readonly share: string | null
  readonly withFilters: boolean
  readonly withActions: boolean
  readonly withAddress: boolean
}
