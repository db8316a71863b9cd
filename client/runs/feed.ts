import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { ListedRun } from '../../db/contract.ts'
import { ServerClock } from '../clock.ts'
// loads with this file, not after it, so that the stream waits for nothing
import '../lists.ts'
import { isFinished } from '../outline.ts'
import type { RequestError } from '../problem.ts'
import { type GetToken, type ListView, type RunStream, sharedStream } from '../stream.ts'
import { everyTick } from '../ticker.ts'
import { listFilter, type RunsFilter } from './filter.ts'
import { Pages } from './pages.ts'

const SECOND = 1_000
/** The most rows of a live list; older runs are read in pages. */
const MOST_LIVE = 200
/** How many rows there are at first by default. */
const USUAL = 50

/** What a list shows. */
export interface Wanted {
  filter: RunsFilter
  /** Nothing can match the filter: nothing is requested. */
  isNone: boolean
  /** How many rows at first; anything that is not a number counts as 50. */
  limit: number | null
  src: string
  token: string | null
  getToken: GetToken | null
  /** The user whose tabs share the page's stream; null: it is not shared. */
  share: string | null
}

/** The runs of a list: live ones, and older ones below them once they are requested. */
export class Feed implements ReactiveController {
  /** null: nothing is known yet. */
  view: ListView | null = null
  readonly pages: Pages
  readonly #host: ReactiveControllerHost & Element
  readonly #wanted: () => Wanted
  #stream: RunStream | null = null
  /** The filter and the server of the list. */
  #of = ''
  #who = ''
  #asked = ''
  /** Rows beyond `limit`. */
  #more = 0
  /** The limit at which the live list was last full. */
  #fullAt = 0
  /** Its rows when it was last full: a run that is pushed out leaves before the new one arrives. */
  #full: readonly ListedRun[] = []
  /** Whether the server has answered for the list as it is wanted now; `view` may be of a shorter one. */
  #isHeard = false
  #unsubscribe: (() => void) | null = null
  #stopTicking: (() => void) | null = null

  constructor(host: ReactiveControllerHost & Element, wanted: () => Wanted) {
    this.#host = host
    this.#wanted = wanted
    this.pages = new Pages(() => host.requestUpdate())
    host.addController(this)
  }

  get clock(): ServerClock {
    return this.#stream?.clock ?? new ServerClock()
  }

  get endpoint(): RunStream['endpoint'] | null {
    return this.#stream?.endpoint ?? null
  }

  /** Newest first. */
  get runs(): readonly ListedRun[] {
    const live = this.view?.runs ?? []
    const last = live.at(-1)?.id
    return [...live, ...this.pages.runs.filter(({ id }) => last === undefined || id < last)]
  }

  /** Whether there may be older runs than those shown. */
  get hasOlder(): boolean {
    const { readAt, error, isEnd } = this.pages
    const hasLooked = readAt !== null || error !== null
    return this.view?.heard === true && (this.#wasFull || this.#isSearch || hasLooked) && !isEnd
  }

  /** Extends the live list as far as possible, then reads pages. */
  async older(): Promise<void> {
    const { filter } = this.#wanted()
    const live = this.view?.runs ?? []
    if (live.length >= this.#limit && this.#limit < MOST_LIVE) {
      this.#more += this.#first
      this.#host.requestUpdate()
    } else if (this.endpoint)
      await this.pages.read(this.endpoint, filter, { limit: this.#first, after: live.at(-1)?.id })
  }

  /** Reads the first page of older runs again. */
  async readAgain(): Promise<void> {
    this.pages.forget()
    await this.older()
  }

  /** Why nothing is shown, and nothing more will be; null: there is no refusal. */
  get refusal(): RequestError | null {
    const { state, error } = this.view?.connection ?? {}
    if (state === 'closed') return error ?? null
    const { status } = this.pages.error ?? {}
    return this.runs.length === 0 && (status === 401 || status === 403) ? this.pages.error : null
  }

  reconnect(): void {
    this.pages.forget()
    this.#stream?.reconnect()
    this.#host.requestUpdate()
  }

  hostConnected(): void {
    this.follow()
  }

  /**
   * Watches what is wanted now. To be called before the rows are read: else those of the previous list would be held in
   * their places.
   */
  follow(): void {
    // an update that was under way when the list was removed from the page would subscribe for good
    if (!this.#host.isConnected) return
    const { filter, isNone, src, token, getToken, share } = this.#wanted()
    const of = JSON.stringify([filter, isNone, src])
    const who = JSON.stringify([token, getToken !== null, share])
    if (of !== this.#of) this.#forget()
    // The server removes live rows that may no longer be seen; it says nothing about older ones.
    else if (who !== this.#who) this.#forgetOlder()
    this.#of = of
    this.#who = who
    if (isNone) {
      this.hostDisconnected()
      this.view = null
      this.#isHeard = false
      return
    }
    const asked = `${of} ${who} ${this.#limit}`
    if (asked === this.#asked && this.#unsubscribe !== null) return
    this.#asked = asked
    this.#isHeard = false
    const before = this.#unsubscribe
    this.#stream = sharedStream(src, token, getToken, share)
    this.#unsubscribe = this.#stream.subscribeList(listFilter(filter, this.#limit), (view) => this.#take(view))
    before?.()
  }

  hostUpdated(): void {
    if (this.#isHeard && (!this.#wasFull || this.view?.runs.length === 0)) this.#lookFurther()
    if (this.#unsubscribe) this.#stopTicking ??= everyTick(SECOND, () => this.#tick())
  }

  hostDisconnected(): void {
    this.#unsubscribe?.()
    this.#unsubscribe = null
    this.#stopTicking?.()
    this.#stopTicking = null
  }

  /**
   * A live list searches only the newest runs, and leaves out those that the reader may not see: there may be more runs
   * although it is not full. The reader has not requested this look: if it is not permitted, as with a token for one
   * key, the runs shown count as all.
   */
  async #lookFurther(): Promise<void> {
    const { isReading, isEnd, error, readAt } = this.pages
    if (isReading || isEnd || readAt !== null) return
    if (error === null) await this.older()
    // If no run is shown at all, the refusal is shown instead.
    if (this.pages.error?.status === 403 && this.view?.runs.length) this.pages.end()
  }

  /** A list that was full is short while a run that has left is being replaced: that is no reason to look further. */
  get #wasFull(): boolean {
    return this.#fullAt === this.#limit
  }

  get #isSearch(): boolean {
    const { q, key } = this.#wanted().filter
    return q !== '' || key !== ''
  }

  get #limit(): number {
    return Math.min(MOST_LIVE, this.#first + this.#more)
  }

  get #first(): number {
    return Math.max(1, Math.round(this.#wanted().limit ?? Number.NaN)) || USUAL
  }

  #take(view: ListView): void {
    this.#isHeard = view.heard
    if (view.runs.length >= this.#limit) {
      // there was nothing below the short list, but there may be below a full one
      if (!this.#wasFull && this.pages.runs.length === 0) this.pages.forget()
      this.#fullAt = this.#limit
      this.#keepPushedOut(view)
    }
    // a list that grows is a new one, which the server has not answered for yet: the previous rows stay
    const before = view.heard ? [] : (this.view?.runs ?? [])
    this.view = before.length > 0 ? { ...view, runs: before, heard: true } : view
    this.#host.requestUpdate()
  }

  #keepPushedOut({ runs, deleted }: ListView): void {
    const last = runs.at(-1)?.id ?? ''
    const gone = new Set(deleted.map(({ id }) => id))
    this.pages.keep(this.#full.filter(({ id }) => id < last && !gone.has(id)))
    this.#full = runs
  }

  #forget(): void {
    this.view &&= { ...this.view, runs: [], heard: false }
    this.#more = this.#fullAt = 0
    this.#forgetOlder()
  }

  #forgetOlder(): void {
    this.#full = []
    this.pages.forget()
  }

  /** Once a minute also where nothing runs: a time without its date is one of today, until midnight. */
  #tick(): void {
    if (!new Date().getSeconds() || !this.runs.every(isFinished)) this.#host.requestUpdate()
  }
}
