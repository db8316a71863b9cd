import type { ListedRun, ListFilter } from '../db/contract.ts'
import { ServerClock } from './clock.ts'
import type { Endpoint } from './connection.ts'
import { fetchAs, type GetToken } from './credentials.ts'
import { type ConnectionStatus, Link } from './link.ts'
import type { RunState } from './reducer.ts'
import type { Target } from './target.ts'
import { TIMINGS, type Timings } from './timings.ts'
import { onWake } from './wake.ts'
import { Watches } from './watches.ts'

export type { ListedRun, ListFilter, Position } from '../db/contract.ts'
export type { GetToken } from './credentials.ts'
export type { ConnectionState, ConnectionStatus } from './link.ts'
export { RequestError } from './problem.ts'
export { NOTHING_KNOWN, type RunEvent, type RunState, reduce } from './reducer.ts'
export { NO_ROWS, newestOf, type RowEvent, type RowsState, reduceRows } from './rows.ts'
export type { Target } from './target.ts'
export type { Timings } from './timings.ts'
export type { ServerClock }

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
}

export interface StreamOptions {
  /** Address of the Stepcast server's mount point, such as `/stepcast`. Default: the origin's root. */
  src?: string
  /** Sent as a bearer token. Default: none, cookies speak for the page. */
  token?: string | null
  /** Gives a token where there is none, and a new one when that is not accepted any more. Default: then it is over. */
  getToken?: GetToken | null
  timings?: Partial<Timings>
  fetch?: typeof fetch
  /** Called when the last subscription is gone. */
  onIdle?: () => void
}

/** One connection to one server as one user, for any number of runs and lists; open while someone is subscribed. */
export class RunStream {
  readonly clock = new ServerClock()
  readonly endpoint: Endpoint
  readonly #watches = new Watches(this.clock)
  readonly #link: Link
  readonly #onIdle: () => void
  readonly #fresh = new Set<() => void>()
  #asked = ''
  #flushing = false
  #stopWaking: (() => void) | null = null

  constructor({ src = '', token = null, getToken = null, timings, fetch, onIdle }: StreamOptions = {}) {
    // wrapped: a browser's fetch refuses to be called as a method of anything else
    const ask: typeof globalThis.fetch = (...request) => (fetch ?? globalThis.fetch)(...request)
    this.endpoint = { src: src.replace(/\/+$/, ''), fetch: fetchAs(ask, token, getToken) }
    this.#onIdle = onIdle ?? (() => {})
    this.#link = new Link({
      endpoint: this.endpoint,
      timings: { ...TIMINGS, ...timings },
      watches: this.#watches,
      onStatus: () => this.#watches.notify(),
    })
  }

  get connection(): ConnectionStatus {
    return this.#link.status
  }

  /**
   * Calls `listener` with the run's view now and after every change, until the returned undo is called. `logs`: whether
   * log lines are wanted; default false.
   */
  subscribe(target: Target, listener: (view: RunView) => void, { logs = false } = {}): () => void {
    const watch = this.#watches.of(target)
    const tell = () => listener({ ...watch.state, connection: this.connection, heard: watch.heard })
    watch.listeners.set(tell, { logs })
    return this.#begin(tell, watch.listeners)
  }

  /**
   * The same of a live list: the newest runs that are visible and fit the filter: workflow, statuses, key, beginning of a search.
   * They come without their steps; 50 at most, or as many as `limit` says, up to 200.
   */
  subscribeList(filter: ListFilter, listener: (view: ListView) => void): () => void {
    const watch = this.#watches.lists.of(filter)
    const tell = () => listener({ runs: watch.runs, connection: this.connection, heard: watch.heard })
    watch.listeners.add(tell)
    return this.#begin(tell, watch.listeners)
  }

  /** Tries again at once, also after an answer that was final. */
  reconnect(): void {
    if (this.#asked !== '') this.#link.restart()
  }

  /** Ends it for good, whoever is subscribed. */
  close(): void {
    this.#asked = ''
    this.#stopWaking?.()
    this.#stopWaking = null
    this.#link.stop('closed')
  }

  #begin(tell: () => void, listeners: { delete(tell: () => void): boolean }): () => void {
    this.#fresh.add(tell)
    this.#flushSoon()
    return () => {
      listeners.delete(tell)
      this.#fresh.delete(tell)
      this.#flushSoon()
    }
  }

  /** All that changes in one task, such as ten elements entering a page, opens one connection. */
  #flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    queueMicrotask(() => this.#flush())
  }

  #flush(): void {
    this.#flushing = false
    this.#watches.prune()
    for (const tell of this.#fresh) tell()
    this.#fresh.clear()
    const names = this.#watches.names()
    if (names.size === 0) this.#rest()
    else this.#ask([...names])
  }

  #ask(names: string[]): void {
    const asked = JSON.stringify([names, this.#watches.wantLogs()])
    if (asked === this.#asked) return
    this.#asked = asked
    this.#stopWaking ??= onWake((lost) => this.#link.wake(lost))
    this.#link.renew()
  }

  #rest(): void {
    this.#asked = ''
    this.#stopWaking?.()
    this.#stopWaking = null
    this.#link.stop('connecting')
    this.#onIdle()
  }
}

const shared: { src: string; token: string | null; getToken: GetToken | null; stream: RunStream }[] = []

/** The page's one stream for a server and a token, or for whoever gives tokens. */
export function sharedStream(src: string, token: string | null, getToken: GetToken | null = null): RunStream {
  const known = shared.find((each) => each.src === src && each.token === token && each.getToken === getToken)
  if (known) return known.stream
  const onIdle = () => void shared.splice(shared.indexOf(made), 1)
  const made = { src, token, getToken, stream: new RunStream({ src, token, getToken, onIdle }) }
  shared.push(made)
  return made.stream
}
