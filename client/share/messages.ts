import type { ListedRun, ListFilter } from '../../db/contract.ts'
import type { RunEvent, RunState } from '../reducer.ts'
import type { ConnectionState } from '../status.ts'
import type { Target } from '../target.ts'
import type { ListView } from '../views.ts'

/** What tabs send to one another, in order. */
export type Message = FollowerMessage | LeaderMessage

/** `from`: the tab that asks. */
type FollowerMessage =
  | ({ type: 'ask'; from: string } & Wants)
  | { type: 'leave'; from: string }
  | { type: 'wake'; lost: boolean }
  | { type: 'restart' }

/** `to`: the tab that the message is for. */
type LeaderMessage =
  /** A tab leads from now on: its followers ask it. */
  | { type: 'lead' }
  /** `refusal`: for what the server has not answered for; null or left out: there is none. */
  | { type: 'status'; status: SentStatus; refusal?: SentStatus | null }
  /** Everything that is known of one target. */
  | {
      type: 'picture'
      to: string
      target: Target
      state: RunState
      place: string | null
      hasLogs: boolean
      now: string
    }
  | { type: 'event'; target: Target; event: RunEvent }
  /**
   * A list as it is now. `changed`: those of its runs that were not sent before; `deleted`: runs that have left it
   * because they were deleted; left out: none.
   */
  | { type: 'rows'; to: string; filter: ListFilter; ids: string[]; changed: ListedRun[]; deleted?: string[] }

export function isOfFollower(message: Message): message is FollowerMessage {
  return ['ask', 'leave', 'wake', 'restart'].includes(message.type)
}

/** Everything that a tab watches. */
export interface Wants {
  targets: Target[]
  /**
   * The id of the last event that the tab has of each target: if the leader has another one, it sends the whole state
   * again.
   */
  places: (string | null)[]
  lists: ListFilter[]
  logs: boolean
}

/** A connection's status with its error as a plain object: a class does not pass from tab to tab. */
export interface SentStatus {
  state: ConnectionState
  since: number
  error: { message: string; status: number | null; detail: string | null; retryAfterMs: number | null } | null
}

/** What a tab watches with: its `RunStream`. */
export interface Watcher {
  endpoint: { src: string }
  clock: { now(): number; observe(now: string): void }
  subscribe(target: Target, listener: () => void, options: { logs: boolean }): () => void
  subscribeList(filter: ListFilter, listener: (view: Pick<ListView, 'runs' | 'heard' | 'deleted'>) => void): () => void
}

/** A tab as a member of the group that shares. */
export interface Membership {
  tab: string
  /** The name of the lock that the tab holds while it takes part: whoever gets the lock knows that the tab is gone. */
  lifeOf(tab: string): string
  say(message: Message): void
  /** Who holds the lock of the leader now. */
  findHolder(): Promise<Holder>
}

/** The browser's id for a document that holds a lock; undefined: none does, or the browser does not say. */
export type Holder = string | undefined
