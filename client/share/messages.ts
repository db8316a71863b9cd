import type { ListedRun, ListFilter } from '../../db/contract.ts'
import type { RunEvent, RunState } from '../reducer.ts'
import type { ConnectionState } from '../status.ts'
import type { Target } from '../target.ts'
import type { ListView } from '../views.ts'

/** What tabs say to one another, in order. */
export type Message = FollowerMessage | LeaderMessage

/** `from`: the tab that asks. */
type FollowerMessage =
  | ({ type: 'ask'; from: string } & Wants)
  | { type: 'leave'; from: string }
  | { type: 'wake'; lost: boolean }
  | { type: 'restart' }

/** `to`: the tab that it is for. */
type LeaderMessage =
  /** A tab leads from now on: who follows asks it. */
  | { type: 'lead' }
  /** `refusal`: of what the server was not heard about; null or left out: there is none. */
  | { type: 'status'; status: SentStatus; refusal?: SentStatus | null }
  /** All that is known of one target. */
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
   * A list as it is now; `changed`: those of its runs that were not sent before; `deleted`: which have left it so; left
   * out: none.
   */
  | { type: 'rows'; to: string; filter: ListFilter; ids: string[]; changed: ListedRun[]; deleted?: string[] }

export function isOfFollower(message: Message): message is FollowerMessage {
  return ['ask', 'leave', 'wake', 'restart'].includes(message.type)
}

/** All that a tab watches. */
export interface Wants {
  targets: Target[]
  /** The id of the last event that it has of each target: where the leader has another, all is told again. */
  places: (string | null)[]
  lists: ListFilter[]
  logs: boolean
}

/** A connection's status without what makes its error a class: that does not pass from tab to tab. */
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

/** How a tab takes part. */
export interface Membership {
  tab: string
  /** Held by the tab while it takes part: whoever gets it knows that the tab is gone. */
  lifeOf(tab: string): string
  say(message: Message): void
}
