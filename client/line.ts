import type { Endpoint } from './events-request.ts'
import type { ConnectionStatus } from './status.ts'
import type { Timings } from './timings.ts'
import type { Watches } from './watches.ts'

export interface LinkOptions {
  endpoint: Endpoint
  timings: Timings
  watches: Watches
  onStatus(): void
}

/** What supplies the watches with events. */
export interface Line {
  readonly status: ConnectionStatus
  /** What is watched has changed. */
  renew(): void
  /** Something suggests that now is a good moment to try. `lost`: an open connection cannot be trusted. */
  wake(lost: boolean): void
  /** Disconnects from the server until it is woken. */
  rest(): void
  restart(): void
  /** Ends everything; `renew` starts it again. */
  stop(state: 'closed' | 'connecting'): void
}
