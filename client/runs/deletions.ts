import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { ListedRun } from '../../db/contract.ts'

/** For so long it is told that runs were deleted. */
const TOLD_MS = 10_000

/** Which runs of a list were deleted just now. */
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

  /** `deleted`: all of the list that it knows of, the last one last. */
  take(deleted: readonly ListedRun[]): void {
    const fresh = deleted.slice(this.#told === undefined ? 0 : deleted.indexOf(this.#told) + 1)
    const isNews = this.#hasTaken
    this.#hasTaken = true
    if (fresh.length === 0) return
    this.#told = fresh.at(-1)
    // a list that came later to the page: of what was deleted before, the others have told
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
