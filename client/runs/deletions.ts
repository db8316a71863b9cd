import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { ListedRun } from '../../db/contract.ts'

/** For how long deletions are shown. */
const TOLD_MS = 10_000

/** The runs of a list that were deleted recently. */
export class Deletions implements ReactiveController {
  latest: readonly ListedRun[] = []
  readonly #host: ReactiveControllerHost
  #told: ListedRun | undefined
  #hasTaken = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  /** `deleted`: all deletions that the list knows of, the latest last. */
  take(deleted: readonly ListedRun[]): void {
    const fresh = deleted.slice(this.#told === undefined ? 0 : deleted.indexOf(this.#told) + 1)
    const isNews = this.#hasTaken
    this.#hasTaken = true
    if (fresh.length === 0) return
    this.#told = fresh.at(-1)
    // a list that was added to the page later: the other lists have shown the earlier deletions
    if (!isNews) return
    this.latest = [...this.latest, ...fresh]
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.forget(), TOLD_MS)
  }

  forget(): void {
    clearTimeout(this.#timer)
    if (this.latest.length === 0) return
    this.latest = []
    this.#host.requestUpdate()
  }

  hostDisconnected(): void {
    this.forget()
  }
}
