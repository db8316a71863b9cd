import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { ServerClock } from './clock.ts'
import { isFinished } from './outline.ts'
import type { RunStream } from './run-stream.ts'
import { sharedStream } from './shared-stream.ts'
import type { Wanted } from './target.ts'
import { everyTick } from './ticker.ts'
import type { RunView } from './views.ts'

const SECOND = 1_000
/** While something younger than this runs, its tenths of a second are shown. */
const YOUNG_MS = 10 * SECOND

/** Ties an element to the page's stream: subscribed while it is in the page and knows what to watch. */
export class RunController implements ReactiveController {
  /** null: there is nothing to watch, or nothing is known yet. */
  view: RunView | null = null
  /** The clock that belongs to the view. */
  clock = new ServerClock()
  readonly #host: ReactiveControllerHost & Element
  readonly #wanted: () => Wanted | null
  readonly #onChange: (now: RunView, before: RunView | null) => void
  #stream: RunStream | null = null
  #watching = ''
  /** The run, and the server, that the view is of. */
  #of = ''
  #unsubscribe: (() => void) | null = null
  #stopTicking: (() => void) | null = null
  #tickMs = 0

  /** `onChange` is called with every change of the view. */
  constructor(
    host: ReactiveControllerHost & Element,
    wanted: () => Wanted | null,
    onChange: (now: RunView, before: RunView | null) => void,
  ) {
    this.#host = host
    this.#wanted = wanted
    this.#onChange = onChange
    host.addController(this)
  }

  get endpoint(): RunStream['endpoint'] | null {
    return this.#stream?.endpoint ?? null
  }

  reconnect(): void {
    this.#stream?.reconnect()
  }

  hostConnected(): void {
    // at once, not with the next update: an element that only moves within the page keeps its connection
    this.follow()
  }

  /** Watches what is wanted now. To be called before the host reads the view: else it would draw the previous run. */
  follow(): void {
    // an update that was under way when the element was removed from the page would subscribe for good
    if (!this.#host.isConnected) return
    const wanted = this.#wanted()
    const name = JSON.stringify(wanted && { ...wanted, getToken: wanted.getToken !== null })
    if (name === this.#watching) return
    this.#watching = name
    this.#watch(wanted)
  }

  hostUpdated(): void {
    this.#tick(this.#host.isConnected ? this.#neededTick() : 0)
  }

  hostDisconnected(): void {
    this.#watching = ''
    this.#unsubscribe?.()
    this.#unsubscribe = null
    this.#tick(0)
  }

  #watch(wanted: Wanted | null): void {
    const before = this.#unsubscribe
    const of = JSON.stringify(wanted && [wanted.target, wanted.src])
    if (of !== this.#of) this.view = null
    this.#of = of
    const stream = wanted && sharedStream(wanted.src, wanted.token, wanted.getToken, wanted.share)
    this.#stream = stream
    this.#unsubscribe =
      stream && wanted
        ? stream.subscribe(wanted.target, (view) => this.#take(view, stream), { logs: wanted.logs })
        : null
    before?.()
  }

  /** If the same run is requested again, as with a new token, the view stays until the server answers or refuses. */
  #take(view: RunView, { clock }: RunStream): void {
    const before = this.view
    const kept = view.heard || view.run || view.connection.state === 'closed' ? null : before
    if (!kept) this.clock = clock
    this.view = kept ? { ...kept, connection: view.connection } : view
    this.#onChange(this.view, before)
    this.#host.requestUpdate()
  }

  #neededTick(): number {
    const { run, steps } = this.view ?? {}
    if (!run) return 0
    // a time without its date is one of today, until midnight
    if (isFinished(run)) return 60 * SECOND
    const { clock } = this
    const young = steps?.some(
      ({ status, startedAt }) => status === 'running' && startedAt !== null && clock.since(startedAt) < YOUNG_MS,
    )
    return young ? SECOND / 10 : SECOND
  }

  #tick(ms: number): void {
    if (ms === this.#tickMs) return
    this.#tickMs = ms
    this.#stopTicking?.()
    this.#stopTicking = ms === 0 ? null : everyTick(ms, () => this.#host.requestUpdate())
  }
}
