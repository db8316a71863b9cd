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
  /** null: nothing to watch, or nothing said yet. */
  view: RunView | null = null
  readonly #host: ReactiveControllerHost
  readonly #wanted: () => Wanted | null
  readonly #onChange: (now: RunView, before: RunView | null) => void
  #stream: RunStream | null = null
  #watching = ''
  #unsubscribe: (() => void) | null = null
  #stopTicking: (() => void) | null = null
  #tickMs = 0
  #isConnected = false

  /** `wanted` is asked before every update, `onChange` told of every change of the view. */
  constructor(
    host: ReactiveControllerHost,
    wanted: () => Wanted | null,
    onChange: (now: RunView, before: RunView | null) => void,
  ) {
    this.#host = host
    this.#wanted = wanted
    this.#onChange = onChange
    host.addController(this)
  }

  get clock(): ServerClock {
    return this.#stream?.clock ?? new ServerClock()
  }

  get endpoint(): RunStream['endpoint'] | null {
    return this.#stream?.endpoint ?? null
  }

  reconnect(): void {
    this.#stream?.reconnect()
  }

  hostConnected(): void {
    this.#isConnected = true
    // at once, not with the next update: an element that only moves within the page keeps its connection
    this.hostUpdate()
  }

  hostUpdate(): void {
    // an update that was under way when the element was taken out of the page: it would subscribe for good
    if (!this.#isConnected) return
    const wanted = this.#wanted()
    if (wanted === null && this.#watching === '') return
    const name = wanted === null ? '' : JSON.stringify({ ...wanted, getToken: wanted.getToken !== null })
    if (name === this.#watching && this.#unsubscribe !== null) return
    const sameRun = sameButForLogs(name, this.#watching)
    this.#watching = name
    this.#watch(wanted, sameRun)
  }

  hostUpdated(): void {
    this.#tick(this.#isConnected ? this.#neededTick() : 0)
  }

  hostDisconnected(): void {
    this.#isConnected = false
    this.#unsubscribe?.()
    this.#unsubscribe = null
    this.#tick(0)
  }

  #watch(wanted: Wanted | null, keepView: boolean): void {
    const before = this.#unsubscribe
    if (!keepView) this.view = null
    this.#stream = wanted === null ? null : sharedStream(wanted.src, wanted.token, wanted.getToken, wanted.share)
    this.#unsubscribe =
      wanted === null || this.#stream === null
        ? null
        : this.#stream.subscribe(wanted.target, (view) => this.#take(view), { logs: wanted.logs })
    before?.()
  }

  #take(view: RunView): void {
    const before = this.view
    this.view = view
    this.#onChange(view, before)
    this.#host.requestUpdate()
  }

  #neededTick(): number {
    const { run, steps } = this.view ?? {}
    if (!run || isFinished(run)) return 0
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

function sameButForLogs(name: string, other: string): boolean {
  const strip = (text: string) => text.replace(/"logs":(true|false)/, '')
  return strip(name) === strip(other)
}
