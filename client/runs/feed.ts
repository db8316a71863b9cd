import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { ListedRun } from '../../db/contract.ts'
import { ServerClock } from '../clock.ts'
// comes with this file, not after it: the stream waits for nothing then
import '../lists.ts'
import { isFinished } from '../outline.ts'
import type { RequestError } from '../problem.ts'
import { type GetToken, type ListView, type RunStream, sharedStream } from '../stream.ts'
import { everyTick } from '../ticker.ts'
import { listFilter, type RunsFilter } from './filter.ts'
import { Pages } from './pages.ts'

const SECOND = 1_000
/** As many as a live list may hold; what is older is read by pages. */
const MOST_LIVE = 200
/** As many as there are at first where nothing else is said. */
const USUAL = 50

/** What a list shows. */
export interface Wanted {
  filter: RunsFilter
  /** Nothing can fit it: nothing is asked for. */
  isNone: boolean
  /** How many at first; what is no number counts as 50. */
  limit: number | null
  src: string
  token: string | null
  getToken: GetToken | null
  /** With whom the page's stream is shared across tabs; null: with none. */
  share: string | null
}

/** The runs of a list: live ones, and older ones below them when they are asked for. */
export class Feed implements ReactiveController {
  /** null: nothing said yet. */
  view: ListView | null = null
  readonly pages: Pages
  readonly #host: ReactiveControllerHost & Element
  readonly #wanted: () => Wanted
  #stream: RunStream | null = null
  /** Of what, at which server, the list is. */
  #of = ''
  #who = ''
  #asked = ''
  /** Beyond `limit`. */
  #more = 0
  /** The limit that the live list has reached last. */
  #fullAt = 0
  /** Its rows when it was full last: one that is pushed out leaves before the new one comes. */
  #full: readonly ListedRun[] = []
  /** Whether the server was heard about the list as it is wanted now; `view` may be of a shorter one. */
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

  /** The newest first. */
  get runs(): readonly ListedRun[] {
    const live = this.view?.runs ?? []
    const last = live.at(-1)?.id
    return [...live, ...this.pages.runs.filter(({ id }) => last === undefined || id < last)]
  }

  /** Whether there can be older ones than are shown. */
  get hasOlder(): boolean {
    const { readAt, error, isEnd } = this.pages
    const hasLooked = readAt !== null || error !== null
    return this.view?.heard === true && (this.#wasFull || this.#isSearch || hasLooked) && !isEnd
  }

  /** Live as far as that goes, then by pages. */
  async older(): Promise<void> {
    const { filter } = this.#wanted()
    const live = this.view?.runs ?? []
    if (live.length >= this.#limit && this.#limit < MOST_LIVE) {
      this.#more += this.#first
      this.#host.requestUpdate()
    } else if (this.endpoint)
      await this.pages.read(this.endpoint, filter, { limit: this.#first, after: live.at(-1)?.id })
  }

  /** The first page of older ones anew. */
  async readAgain(): Promise<void> {
    this.pages.forget()
    await this.older()
  }

  /** Why nothing is shown, and nothing more comes; null: something does. */
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

  /** Watches what is wanted now. Before its rows are looked at: else those of before would be held in their places. */
  follow(): void {
    // an update that was under way when the list was taken out of the page: it would subscribe for good
    if (!this.#host.isConnected) return
    const { filter, isNone, src, token, getToken, share } = this.#wanted()
    const of = JSON.stringify([filter, isNone, src])
    const who = JSON.stringify([token, getToken !== null, share])
    if (of !== this.#of) this.#forget()
    // The live rows go where the server says so; of older ones it says nothing more.
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
    const runs = this.#unsubscribe !== null && this.runs.some((run) => !isFinished(run))
    if (runs) this.#stopTicking ??= everyTick(SECOND, () => this.#host.requestUpdate())
    else this.#rest()
  }

  hostDisconnected(): void {
    this.#unsubscribe?.()
    this.#unsubscribe = null
    this.#rest()
  }

  /**
   * A live list looks for what is searched for among the newest runs alone, and of these leaves out what one may not
   * see: there may be more, though it is not full. Nobody has asked for that look: where it may not be had, as with a
   * token for one key, these are all.
   */
  async #lookFurther(): Promise<void> {
    const { isReading, isEnd, error, readAt } = this.pages
    if (isReading || isEnd || readAt !== null) return
    if (error === null) await this.older()
    // Who is shown nothing at all is told why.
    if (this.pages.error?.status === 403 && this.view?.runs.length) this.pages.end()
  }

  /** One that was full is short while a run that has left is replaced: that is no reason to look further. */
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
      // what there was not below a short list may be below a full one
      if (!this.#wasFull && this.pages.runs.length === 0) this.pages.forget()
      this.#fullAt = this.#limit
      this.#keepPushedOut(view)
    }
    // a list that grows is another one, of which nothing was heard yet: what was there stays
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

  #rest(): void {
    this.#stopTicking?.()
    this.#stopTicking = null
  }
}
