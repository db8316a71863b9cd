import type { LitElement, ReactiveController } from 'lit'
import type { Run, Step } from '../../db/contract.ts'
import { type Action, postAction } from '../actions.ts'
import type { RunController } from '../controller.ts'
import { emit } from '../events.ts'
import type { Asking } from '../parts/shown.ts'
import type { RequestError } from '../problem.ts'

/**
 * When a run ends, its cancel button becomes the retry button. Until this time has passed, whoever had the focus on it
 * may still mean to cancel.
 */
const SETTLING_MS = 1_000

/** No response at all, or an error of a proxy that got none from the server. */
const UNANSWERED = [null, 502, 504]

/** Cancels and retries for a reader: asks first, shows that the request is under way, and reports a refusal. */
export class Operator implements ReactiveController {
  asking: Asking = { state: 'idle' }
  readonly #host: LitElement
  readonly #watched: RunController
  readonly #mayAct: () => boolean
  #isOver = true
  /** When the run last ended while the focus was on that button, or on the question. */
  #endedAt = Number.NEGATIVE_INFINITY
  /** Whether the focus was among the buttons before the element is drawn again. */
  #isAtButtons = false

  constructor(host: LitElement, watched: RunController, mayAct: () => boolean) {
    this.#host = host
    this.#watched = watched
    this.#mayAct = mayAct
    host.addController(this)
  }

  hostUpdate(): void {
    const { run } = this.#watched.view ?? {}
    if (!run) return
    this.#isAtButtons = this.#find('[part=footer] :focus') !== null
    const isRevoked = this.asking.state === 'confirming' && !this.#mayAct()
    if (isRevoked || isSettled(this.asking, run)) this.asking = { state: 'idle' }
    const isOver = run.completedAt !== null
    if (isOver && !this.#isOver && this.#isAtButtons) this.#endedAt = performance.now()
    this.#isOver = isOver
  }

  /** When the question no longer applies it disappears, and a focus inside it moves to the buttons. */
  hostUpdated(): void {
    if (this.#isAtButtons && !this.#find(':focus')) (this.#find('#act') ?? this.#find('[part=footer] button'))?.focus()
  }

  /** Opens the question. */
  async ask(type: Action['type'], from: Step | null): Promise<void> {
    if (this.asking.state === 'pending') return
    await this.#become({ state: 'confirming', type, from, reason: '', error: null })
    this.#focus('#keep')
  }

  /** Closes a question or a refusal. */
  async dismiss(): Promise<void> {
    await this.#become({ state: 'idle' })
    this.#focus('#act')
  }

  /** The reader has confirmed. `reason`: why the run is cancelled; empty: none was given. */
  async confirm(reason: string): Promise<void> {
    const { asking } = this
    if (asking.state === 'confirming') await this.#do(asking, reason)
  }

  /** Retries from the failed step. It needs no question: no completed step runs again. */
  async retry(): Promise<void> {
    if (performance.now() - this.#endedAt < SETTLING_MS) return
    if (this.asking.state !== 'pending') await this.#do({ type: 'retry', from: null }, '')
  }

  async #do({ type, from }: { type: Action['type']; from: Step | null }, reason: string): Promise<void> {
    const { run } = this.#watched.view ?? {}
    if (!run) return
    if (!this.#announce(run, type, from, reason)) return this.dismiss()
    const action: Action =
      type === 'cancel' ? { type, ...(reason !== '' && { reason }) } : { type, ...(from && { from: from.step }) }
    this.#send(run, action, { from, reason })
    await this.#host.updateComplete
    this.#focus('#act')
  }

  /** False: the page handles it itself. */
  #announce(run: Run, type: Action['type'], from: Step | null, reason: string): boolean {
    if (type === 'cancel') return emit(this.#host, 'stepcast-cancel-request', { run, reason: reason || null }, true)
    return emit(this.#host, 'stepcast-retry-request', { run, from: from?.step ?? null }, true)
  }

  async #send(run: Run, action: Action, asked: { from: Step | null; reason: string }): Promise<void> {
    const { endpoint } = this.#watched
    if (endpoint === null) return
    const { type } = action
    const asking: Asking = { state: 'pending', type, since: run.completedAt, doneAt: null }
    this.#become(asking)
    try {
      const doneAt = await postAction(endpoint, run, action)
      if (this.asking === asking) await this.#become({ ...asking, doneAt })
    } catch (error) {
      // The run shows the outcome already; or another run is shown, which may have a request of its own.
      if (this.asking !== asking) return
      const answered = !UNANSWERED.includes((error as RequestError).status)
      if (answered) return await this.#become({ state: 'refused', type, error: error as Error })
      await this.#become({ state: 'confirming', type, ...asked, error: error as Error })
      this.#focus('#sure')
    }
  }

  async #become(asking: Asking): Promise<void> {
    this.asking = asking
    this.#host.requestUpdate()
    await this.#host.updateComplete
  }

  /** If the focused element is gone, the focus moves to the one that replaced it. */
  #focus(selector: string): void {
    this.#find(selector)?.focus()
  }

  #find(selector: string): HTMLElement | null {
    return this.#host.renderRoot.querySelector<HTMLElement>(selector)
  }
}

/**
 * Whether the run shows the outcome of the request, or what somebody has done since, or the request no longer applies:
 * the run ended, or began again.
 */
function isSettled(asking: Asking, run: Run): boolean {
  if (asking.state !== 'pending' && asking.state !== 'confirming') return false
  if (asking.state === 'pending' && asking.doneAt !== null && run.revision >= asking.doneAt) return true
  if (asking.type === 'cancel') return run.completedAt !== null
  return asking.state === 'pending' ? run.completedAt !== asking.since : run.completedAt === null
}
