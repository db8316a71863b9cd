import type { RequestError } from './problem.ts'

/** `closed`: stopped, or refused for good; there are no further tries. */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'polling' | 'closed'

export interface ConnectionStatus {
  readonly state: ConnectionState
  /** Since when, in milliseconds by the local clock. */
  readonly since: number
  /** The last error; null if there was none. */
  readonly error: RequestError | null
}
