import type { LitElement, ReactiveController } from 'lit'
import type { Run, Step } from '../db/contract.ts'
import { type Action, postAction } from './actions.ts'
import type { RunController } from './controller.ts'
import { emit } from './events.ts'
import type { RequestError } from './problem.ts'

/** Where an operator's request stands. */
export type Asking =
  | { state: 'idle' }
  | { state: 'confirming' }
  /** `since`: when the run had ended before, if it had. */
  | { state: 'pending'; type: Action['type']; since: string | null }
  | { state: 'refused'; type: Action['type']; error: RequestError }

/** Cancels and retries for a reader, who is asked first, sees that it is under way, and is told why not. */
export class Operator implements ReactiveController {
  asking: Asking = { state: 'idle' }
  readonly #host: LitElement
  readonly #watched: RunController

  constructor(host: LitElement, watched: RunController) {
    this.#host = host
    this.#watched = watched
    host.addController(this)
  }

  hostUpdate(): void {
    const { run } = this.#watched.view ?? {}
    if (run && isFulfilled(this.asking, run)) this.asking = { state: 'idle' }
  }

  /** Opens the question whether to cancel, or puts it away. */
  async confirm(asking: boolean): Promise<void> {
    if (this.asking.state === 'pending') return
    await this.#become({ state: asking ? 'confirming' : 'idle' })
    this.#focus(asking ? '#keep' : '#act')
  }

  async cancel(): Promise<void> {
    const { run } = this.#watched.view ?? {}
    if (!run || this.asking.state === 'pending') return
    if (!emit(this.#host, 'stepcast-cancel-request', { run })) return this.dismiss()
    this.#send(run, { type: 'cancel' })
    await this.#host.updateComplete
    this.#focus('#act')
  }

  /** `from`: the step to begin at; null: where it failed. */
  retry(from: Step | null): void {
    const { run } = this.#watched.view ?? {}
    if (!run || this.asking.state === 'pending') return
    if (!emit(this.#host, 'stepcast-retry-request', { run, from: from?.step ?? null })) return
    this.#send(run, from === null ? { type: 'retry' } : { type: 'retry', from: from.step })
  }

  async dismiss(): Promise<void> {
    await this.#become({ state: 'idle' })
    this.#focus('#act')
  }

  async #send(run: Run, action: Action): Promise<void> {
    const { endpoint } = this.#watched
    if (endpoint === null) return
    const { type } = action
    this.#become({ state: 'pending', type, since: run.completedAt })
    try {
      await postAction(endpoint, run, action)
    } catch (error) {
      this.#become({ state: 'refused', type, error: error as RequestError })
    }
  }

  async #become(asking: Asking): Promise<void> {
    this.asking = asking
    this.#host.requestUpdate()
    await this.#host.updateComplete
  }

  /** What had the focus is gone: it goes to what took its place. */
  #focus(selector: string): void {
    this.#host.renderRoot.querySelector<HTMLElement>(selector)?.focus()
  }
}

/** Whether what was asked for can be seen in the run: it ended, or it began again. */
function isFulfilled(asking: Asking, run: Run): boolean {
  if (asking.state !== 'pending') return false
  if (asking.type === 'cancel') return run.completedAt !== null
  return run.completedAt !== asking.since
}
