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
  /** The last run that may not be seen, so that its view is not queried each time that a run is started somewhere. */
  #hidden: string | null = null
  /** It is known what the watcher first sees of the key. */
  #isSettled = false
  // A lane of its own: a slow or failing `authorize` of the application keeps no other watcher waiting.
  readonly #lane: Lane

  constructor(subscription: Subscription, key: Key, { follow, onFailure }: PursuitOptions) {
    this.#subscription = subscription
    this.#key = key
    this.#follow = follow
    this.#lane = createLane(() => this.#ask(), onFailure)
  }

  /** Called with the run that is now the newest under the key; null: none. */
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
    // Also called if there is no run: that must take as long as for a run that may not be seen.
    const view = await this.#key.viewOf(run ?? NO_RUN)
    // Another run has become the newest meanwhile: its view was, or will be, queried.
    if (this.#subscription.watcher.closed || run !== this.#newest) return
    this.#isSettled = true
    this.#hidden = view ? null : run
    if (run !== null && view) this.#follow(this.#subscription, run, view)
    else if (this.#subscription.run === null) this.#subscription.settle()
  }
}
