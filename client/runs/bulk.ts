import type { LitElement } from 'lit'
import type { ListedRun, Run } from '../../db/contract.ts'
import { postAction } from '../actions.ts'
import { emit } from '../events.ts'
import type { Endpoint } from '../events-request.ts'
import { isFinished } from '../outline.ts'
import type { RequestError } from '../problem.ts'
import type { Place } from './places.ts'

/** How many requests are under way at once. */
const AT_ONCE = 4

export type BulkType = 'cancel' | 'retry'

/** The outcome for one run. `why` null: it succeeded. */
export interface Outcome {
  run: Run
  /** 'handed over': the page has prevented the event, to handle it itself. */
  why: RequestError | 'handed over' | null
}

/** The state of a request for many runs. */
export type BulkState =
  | { state: 'idle' }
  /** What it is about is what is selected, until the reader confirms it. */
  | { state: 'confirming'; type: BulkType }
  | { state: 'working'; type: BulkType; total: number; done: number }
  | { state: 'over'; type: BulkType; outcomes: readonly Outcome[] }

/** Cancels or retries many runs after one question, and reports the outcome of each. */
export class Bulk {
  now: BulkState = { state: 'idle' }
  readonly #host: LitElement

  constructor(host: LitElement) {
    this.#host = host
  }

  /** Its state, now that this is selected: a question about runs that no longer are is none. */
  follow(selection: Selection): BulkState {
    const { now } = this
    if (now.state === 'confirming' && picked(now.type, selection).length === 0) this.now = { state: 'idle' }
    return this.now
  }

  async ask(type: BulkType): Promise<void> {
    await this.#become({ state: 'confirming', type })
    this.#focus('#keep')
  }

  async dismiss(): Promise<void> {
    if (this.now.state === 'working') return
    const { now } = this
    await this.#become({ state: 'idle' })
    this.#focus(now.state === 'confirming' ? `#${now.type}` : '#rows a')
  }

  async go(endpoint: Endpoint, selection: Selection): Promise<void> {
    if (this.now.state !== 'confirming') return
    const { type } = this.now
    const outcomes: Outcome[] = []
    const waiting = picked(type, selection)
    const total = waiting.length
    await this.#become({ state: 'working', type, total, done: 0 })
    this.#focus('#bulk')
    const work = async () => {
      for (let run = waiting.shift(); run; run = waiting.shift()) {
        outcomes.push({ run, why: await this.#do(type, run, endpoint) })
        this.#become({ state: 'working', type, total, done: outcomes.length })
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    await this.#become({ state: 'over', type, outcomes })
    this.#focus('#bulk')
  }

  async #do(type: BulkType, run: Run, endpoint: Endpoint): Promise<Outcome['why']> {
    const isOurs =
      type === 'cancel'
        ? emit(this.#host, 'stepcast-cancel-request', { run, reason: null }, true)
        : emit(this.#host, 'stepcast-retry-request', { run, from: null }, true)
    if (!isOurs) return 'handed over'
    return await postAction(endpoint, run, { type }).then(
      () => null,
      (error: RequestError) => error,
    )
  }

  async #become(now: BulkState): Promise<void> {
    this.now = now
    this.#host.requestUpdate()
    await this.#host.updateComplete
  }

  /** If the focused element is gone, the focus moves to the one that replaced it. */
  #focus(selector: string): void {
    this.#host.renderRoot.querySelector<HTMLElement>(selector)?.focus()
  }
}

interface Selection {
  places: readonly Place[]
  selected: ReadonlySet<string>
}

/** The selected runs that this can be done with. */
export function picked(type: BulkType, { places, selected }: Selection): ListedRun[] {
  return places
    .map(({ run }) => run)
    .filter((run) => selected.has(run.id) && run.status !== 'completed' && isFinished(run) === (type === 'retry'))
}
