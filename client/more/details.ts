import type { LitElement, ReactiveController } from 'lit'
import type { Attempt, RunDetails } from '../../db/contract.ts'
import type { RunController } from '../controller.ts'
import { isFinished } from '../outline.ts'
import { ANSWER_MS } from '../refusal.ts'
import { everyTick } from '../ticker.ts'

const SECOND = 1_000
/** The shortest time between two requests, however fast the steps change. */
const BETWEEN_MS = 2 * SECOND
/** Whether a worker is alive can change without any event of the run. */
const WAITING_MS = 10 * SECOND

/**
 * What the stream leaves out: attempts, who did what, whether a worker is alive. Requested if it is shown, when it may
 * have changed.
 */
export class Details implements ReactiveController {
  /** The latest answer. Its run may no longer be the one shown, and may be shown again. */
  #answer: RunDetails | null = null
  readonly #host: LitElement
  readonly #watched: RunController
  readonly #isWanted: () => boolean
  #known = ''
  #askedAt = 0
  #asking = false
  /** Requests since the last answer. */
  #tries = 1
  /** The `since` of the connection: when the connection is back, the details may be available again too. */
  #since: number | undefined
  #stop: (() => void) | null = null

  constructor(host: LitElement, watched: RunController, isWanted: () => boolean) {
    this.#host = host
    this.#watched = watched
    this.#isWanted = isWanted
    host.addController(this)
  }

  /** null: it was not needed, or has not arrived. */
  get latest(): RunDetails | null {
    return this.#answer?.run.id === this.#watched.view?.run?.id ? this.#answer : null
  }

  attemptsOf(step: number): Attempt[] {
    return this.latest?.attempts.filter(({ stepId }) => stepId === step) ?? []
  }

  hostUpdated(): void {
    const { run, connection } = this.#watched.view ?? {}
    if (connection?.since !== this.#since) this.#tries = 1
    this.#since = connection?.since
    const isWanted =
      this.#host.isConnected && run !== undefined && run !== null && connection?.state !== 'closed' && this.#isWanted()
    if (isWanted) this.#askWhenDue()
    if (!isWanted || (isFinished(run) && this.#known === this.#signature())) this.#rest()
    else this.#stop ??= everyTick(SECOND, () => this.#askWhenDue())
  }

  hostDisconnected(): void {
    this.#rest()
  }

  #rest(): void {
    this.#stop?.()
    this.#stop = null
  }

  #askWhenDue(): void {
    const { run } = this.#watched.view ?? {}
    const isNews = this.#known !== this.#signature()
    const waitMs = isNews ? this.#tries * BETWEEN_MS : run?.status === 'pending' ? WAITING_MS : Number.POSITIVE_INFINITY
    // in either direction: the machine's clock may have been set back
    if (!this.#asking && Math.abs(Date.now() - this.#askedAt) >= waitMs) this.#ask()
  }

  /** Changes whenever the answer would. */
  #signature(): string {
    const { run, steps } = this.#watched.view ?? {}
    return `${run?.id} ${run?.completedAt} ${steps?.map(({ attempt, status }) => attempt + status)}`
  }

  async #ask(): Promise<void> {
    const { endpoint, view } = this.#watched
    if (!endpoint || !view?.run) return
    this.#asking = true
    const asked = this.#signature()
    const address = `${endpoint.src}/runs/${encodeURIComponent(view.run.id)}`
    const signal = AbortSignal.timeout(ANSWER_MS)
    const response = await endpoint
      .fetch(address, { headers: { accept: 'application/json' }, signal })
      .catch(() => null)
    const answer: RunDetails | null = response?.ok ? await response.json().catch(() => null) : null
    // Without an answer the known details stay, and the next request waits longer each time.
    this.#tries = answer ? 1 : this.#tries + 1
    if (answer) {
      this.#answer = answer
      this.#known = asked
    }
    this.#askedAt = Date.now()
    this.#asking = false
    this.#host.requestUpdate()
  }
}
