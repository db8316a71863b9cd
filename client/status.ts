import type { RequestError } from './problem.ts'

/** `closed`: stopped, or refused for good; nothing is tried any more. */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'polling' | 'closed'

export interface ConnectionStatus {
  readonly state: ConnectionState
  /** Since when, in milliseconds by the local clock. */
  readonly since: number
  /** What went wrong last; null: nothing. */
  readonly error: RequestError | null
}
