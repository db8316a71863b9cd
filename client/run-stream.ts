import type { ListFilter } from '../db/contract.ts'
import { ServerClock } from './clock.ts'
import { type FetchAs, fetchAs } from './credentials.ts'
import type { Endpoint } from './events-request.ts'
import type { Line, LinkOptions } from './line.ts'
import { Link } from './link.ts'
import { type Listeners, tellAll } from './listeners.ts'
import type { Lists, ListWatch } from './lists.ts'
import { loaded } from './loaded.ts'
import { onPageLife } from './page-life.ts'
import { unreachable } from './problem.ts'
import type { Sharing } from './share/share.ts'
import type { ConnectionStatus } from './status.ts'
import { exact, type Target } from './target.ts'
import { TIMINGS } from './timings.ts'
import type { ListView, RunView, StreamOptions } from './views.ts'
import { Watches } from './watches.ts'

/** One connection to one server as one user, for any number of runs and lists; open while there are subscriptions. */
export class RunStream {
  readonly clock = new ServerClock()
  readonly endpoint: Endpoint
  readonly #watches = new Watches(this.clock)
  #link: Line
  /** Resolves once it is known whether the connection is shared with other tabs. */
  readonly #prepared: Promise<unknown>
  readonly #onIdle: () => void
  readonly #fresh = new Set<() => void>()
  #asked = ''
  #flushing = false
  #isResting = false
  #isClosed = false
  #forgetPageLife: (() => void) | null = null

  /** `asked`, only for our own elements: sends its own credentials; `fetch`, `token` and `getToken` are then unused. */
  constructor(
    { src = '', token = null, getToken = null, share = null, timings, fetch, onIdle }: StreamOptions = {},
    asked?: FetchAs,
  ) {
    // wrapped: a browser's fetch refuses to be called as a method of anything else
    const ask: typeof globalThis.fetch = (...request) => (fetch ?? globalThis.fetch)(...request)
    this.endpoint = { src: src.replace(/\/+$/, ''), fetch: asked ?? fetchAs(ask, token, getToken) }
    this.#onIdle = onIdle ?? (() => {})
    const options = {
      endpoint: this.endpoint,
      timings: { ...TIMINGS, ...timings },
      watches: this.#watches,
      onStatus: () => this.#watches.notify(),
    }
    this.#link = new Link(options)
    const sharing = { who: share ?? '', token: getToken === null ? token : null }
    this.#prepared = share === null ? Promise.resolve() : this.#share(options, sharing)
  }

  get connection(): ConnectionStatus {
    return this.#link.status
  }

  /**
   * Calls `listener` with the run's view now and after every change, until the returned function is called. `logs`:
   * whether log lines are wanted; default false.
   */
  subscribe(target: Target, listener: (view: RunView) => void, { logs = false } = {}): () => void {
    const watch = this.#watches.of(exact(target))
    return this.#begin(watch, logs, () =>
      listener({ ...watch.state, connection: this.#connectionOf(watch), heard: watch.heard }),
    )
  }

  /**
   * The same for a live list: the newest visible runs that match the filter (workflow, statuses, key, search prefix),
   * without their steps; at most 50, or `limit`, up to 200.
   */
  subscribeList(filter: ListFilter, listener: (view: ListView) => void): () => void {
    this.#watches.lists ??= (loaded.makeLists?.() ?? null) as Lists | null
    const { lists } = this.#watches
    if (lists) return this.#beginList(lists.of(filter), listener)
    let undo: (() => void) | null = () => {}
    this.#loadLists().then(
      (known) => (undo &&= this.#beginList(known.of(filter), listener)),
      (error) =>
        undo &&
        listener({
          runs: [],
          heard: false,
          deleted: [],
          connection: { ...this.connection, error: unreachable(error) },
        }),
    )
    return () => {
      undo?.()
      undo = null
    }
  }

  /** Tries again at once, also after a final refusal. */
  reconnect(): void {
    if (this.#asked !== '') this.#link.restart()
  }

  /** Ends the connection for good, for all subscriptions. */
  close(): void {
    this.#isClosed = true
    this.#end('closed')
  }

  /** If the connection cannot be shared, or the code for that does not load, the tab keeps a connection of its own. */
  async #share(options: LinkOptions, sharing: Sharing): Promise<void> {
    const open = (own: LinkOptions) => new Link(own)
    const line = await import('./share/share.ts')
      .then(({ share }) => share({ ...options, open }, this, sharing))
      .catch(() => null)
    if (line && !this.#isClosed) this.#link = line
  }

  #connectionOf({ heard }: { heard: boolean }): ConnectionStatus {
    return (!heard && this.#watches.refusal) || this.connection
  }

  /** Pages without a list do not load the code for lists. */
  async #loadLists(): Promise<Lists> {
    const { Lists } = await import('./lists.ts')
    this.#watches.lists ??= new Lists()
    return this.#watches.lists
  }

  #beginList(watch: ListWatch, listener: (view: ListView) => void): () => void {
    return this.#begin(watch, false, () => {
      const { runs, heard, deleted } = watch
      listener({ runs, heard, deleted, connection: this.#connectionOf(watch) })
    })
  }

  #begin({ listeners }: { listeners: Listeners }, logs: boolean, say: () => void): () => void {
    // Another listener, called just before, may have ended this subscription.
    const tell = () => listeners.has(tell) && say()
    listeners.set(tell, { logs })
    // A subscription after a refusal may follow a login.
    if (this.connection.state === 'closed') this.#asked = ''
    this.#fresh.add(tell)
    this.#flushSoon()
    return () => {
      listeners.delete(tell)
      this.#fresh.delete(tell)
      this.#flushSoon()
    }
  }

  /** Everything that changes in one task, such as ten elements entering a page, opens one connection. */
  #flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    this.#prepared.then(() => this.#flush())
  }

  #flush(): void {
    this.#flushing = false
    this.#watches.prune()
    const fresh = [...this.#fresh]
    this.#fresh.clear()
    tellAll(fresh)
    if (this.#isClosed) return
    const names = this.#watches.names()
    if (names.size === 0) this.#rest()
    else this.#ask([...names])
  }

  #ask(names: string[]): void {
    const asked = JSON.stringify([names, this.#watches.wantLogs()])
    if (asked === this.#asked) return
    this.#asked = asked
    this.#forgetPageLife ??= onPageLife({ wake: (lost) => this.#wake(lost), rest: () => this.#sleep() })
    if (!this.#isResting) this.#link.renew()
  }

  #wake(lost: boolean): void {
    this.#isResting = false
    this.#link.wake(lost)
  }

  #sleep(): void {
    this.#isResting = true
    this.#link.rest()
  }

  #rest(): void {
    this.#end('connecting')
    this.#onIdle()
  }

  #end(state: 'closed' | 'connecting'): void {
    this.#asked = ''
    // nothing will report any more that the page is back
    this.#isResting = false
    this.#forgetPageLife?.()
    this.#forgetPageLife = null
    this.#link.stop(state)
  }
}
