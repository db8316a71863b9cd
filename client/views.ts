import type { ListedRun } from '../db/contract.ts'
import type { GetToken } from './credentials.ts'
import type { RunState } from './reducer.ts'
import type { ConnectionStatus } from './status.ts'
import type { Timings } from './timings.ts'

/** What a listener gets each time anything in it has changed. */
export interface RunView extends RunState {
  readonly connection: ConnectionStatus
  /** Whether the server has answered: if so, `run` null means that there is no such run (yet). */
  readonly heard: boolean
}

/** What a listener of a live list gets each time anything in it has changed. */
export interface ListView {
  /** Newest first. */
  readonly runs: readonly ListedRun[]
  readonly connection: ConnectionStatus
  /** Whether the server has answered: if so, an empty list means that there are no such runs. */
  readonly heard: boolean
  /** Runs of the list that were deleted while it had a listener, the latest deletion last. */
  readonly deleted: readonly ListedRun[]
}

export interface StreamOptions {
  /** Address of the Stepcast server's mount point, such as `/stepcast`. Default: the origin's root. */
  src?: string
  /** Sent as a bearer token. Default: none; the page's cookies identify the user. */
  token?: string | null
  /**
   * Called for a token if there is none, and for a new one when that is no longer accepted. Default: a token that is no
   * longer accepted ends the stream.
   */
  getToken?: GetToken | null
  /**
   * Identifies the user: tabs of this browser with the same value share one connection, if they use the same server and
   * the same token. Empty: the token identifies the user. Default: null, each tab has its own connection.
   */
  share?: string | null
  timings?: Partial<Timings>
  fetch?: typeof fetch
  /** Called when the last subscription has ended. */
  onIdle?: () => void
}
