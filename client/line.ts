import type { Endpoint } from './events-request.ts'
import type { RequestError } from './problem.ts'
import type { Timings } from './timings.ts'
import type { Watches } from './watches.ts'

/** `closed`: stopped, or refused for good; nothing is tried any more. */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'polling' | 'closed'

export interface ConnectionStatus {
  readonly state: ConnectionState
  /** Since when, in milliseconds by the local clock. */
  readonly since: number
  /** What went wrong last; null: nothing. */
  readonly error: RequestError | null
}

export interface LinkOptions {
  endpoint: Endpoint
  timings: Timings
  watches: Watches
  onStatus(): void
}

/** What brings the watches their events. */
export interface Line {
  readonly status: ConnectionStatus
  /** What is watched has changed. */
  renew(): void
  /** Something suggests that now is a good moment to try. `lost`: whatever is open is not to be trusted. */
  wake(lost: boolean): void
  /** Lets go of the server until it is woken. */
  rest(): void
  restart(): void
  /** Ends everything; `renew` starts it again. */
  stop(state: 'closed' | 'connecting'): void
}
