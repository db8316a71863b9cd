import type { ListedRun } from '../db/contract.ts'
import type { GetToken } from './credentials.ts'
import type { RunState } from './reducer.ts'
import type { ConnectionStatus } from './status.ts'
import type { Timings } from './timings.ts'

/** What a listener is given, each time anything in it has changed. */
export interface RunView extends RunState {
  readonly connection: ConnectionStatus
  /** Whether the server has answered: `run` null then means that there is none (yet). */
  readonly heard: boolean
}

/** What a listener of a live list is given, each time anything in it has changed. */
export interface ListView {
  /** Newest first. */
  readonly runs: readonly ListedRun[]
  readonly connection: ConnectionStatus
  /** Whether the server has answered: an empty list then means that there are no such runs. */
  readonly heard: boolean
  /** Those of them that were deleted while somebody listened, the last one last. */
  readonly deleted: readonly ListedRun[]
}

export interface StreamOptions {
  /** Address of the Stepcast server's mount point, such as `/stepcast`. Default: the origin's root. */
  src?: string
  /** Sent as a bearer token. Default: none, cookies speak for the page. */
  token?: string | null
  /** Gives a token where there is none, and a new one when that is not accepted any more. Default: then it is over. */
  getToken?: GetToken | null
  /**
   * Who watches: the tabs of this browser that say the same share one connection, if they ask the same server with the
   * same token. Empty: the token says it. Default: null, each tab has its own.
   */
  share?: string | null
  timings?: Partial<Timings>
  fetch?: typeof fetch
  /** Called when the last subscription is gone. */
  onIdle?: () => void
}
