import { NO_RUN } from '../../db/runs.ts'
import type { View } from '../access/access.ts'
import { createLane, type Lane } from './lane.ts'
import type { Key, Subscription } from './subscription.ts'

interface PursuitOptions {
  follow: (subscription: Subscription, run: string, view: View) => void
  onFailure: (error: unknown) => void
}

/** One watcher of a key, and the run that it should follow. */
export class Pursuit {
  readonly #subscription: Subscription
  readonly #key: Key
  readonly #follow: PursuitOptions['follow']
  #newest: string | null = null
  /** The last one that may not be seen: it is not asked about at every run that is started somewhere. */
  #hidden: string | null = null
  /** What the watcher sees of the key first is known. */
  #isSettled = false
  // A lane of its own: a rule of the application's that is slow to answer, or fails, keeps no other watcher waiting.
  readonly #lane: Lane

  constructor(subscription: Subscription, key: Key, { follow, onFailure }: PursuitOptions) {
    this.#subscription = subscription
    this.#key = key
    this.#follow = follow
    this.#lane = createLane(() => this.#ask(), onFailure)
  }

  /** Which run is the newest under the key now; null: none. */
  show(run: string | null): void {
    this.#newest = run
    const isKnown = run === this.#subscription.run || run === this.#hidden
    if (!isKnown || !this.#isSettled) this.#lane.wake()
  }

  stop(): void {
    this.#lane.stop()
  }

  async #ask(): Promise<void> {
    const run = this.#newest
    if (run === this.#subscription.run && this.#isSettled) return
    // Also where there is none: to see that must take as long as that one may not be seen.
    const view = await this.#key.viewOf(run ?? NO_RUN)
    // Another one is the newest meanwhile: it was, or will be, asked about.
    if (this.#subscription.watcher.closed || run !== this.#newest) return
    this.#isSettled = true
    this.#hidden = view ? null : run
    if (run !== null && view) this.#follow(this.#subscription, run, view)
    else if (this.#subscription.run === null) this.#subscription.settle()
  }
}
