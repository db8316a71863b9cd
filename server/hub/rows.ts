import type { View } from '../access/access.ts'
import { Subscription, type SubscriptionOptions } from './subscription.ts'
import type { Topics } from './topics.ts'
import type { Watcher } from './watcher.ts'

interface RowsOptions extends Pick<SubscriptionOptions, 'rejoin'> {
  topics: Topics
  follow: (subscription: Subscription, run: string, view: View) => void
}

interface Row {
  subscription: Subscription
  /** The number of lists that hold it. */
  holders: number
}

/** The rows that one watcher is shown: each run once, however many of its lists hold it. */
export class Rows {
  readonly watcher: Watcher
  readonly #options: RowsOptions
  readonly #byRun = new Map<string, Row>()

  constructor(watcher: Watcher, options: RowsOptions) {
    this.watcher = watcher
    this.#options = options
  }

  hold(run: string, view: View): void {
    const known = this.#byRun.get(run)
    if (known) known.holders += 1
    else this.#enter(run, view)
  }

  release(run: string): void {
    const row = this.#byRun.get(run)
    if (!row) return
    row.holders -= 1
    if (row.holders > 0) return
    this.#byRun.delete(run)
    // The watcher has already been told of a deleted run.
    if (row.subscription.run === null) return
    this.#options.topics.leave(row.subscription)
    row.subscription.leave('left', run)
  }

  /** The watcher has gone. */
  end(): void {
    for (const { subscription } of this.#byRun.values()) this.#options.topics.leave(subscription)
    this.#byRun.clear()
  }

  #enter(run: string, view: View): void {
    const { rejoin, follow } = this.#options
    const subscription = new Subscription(this.watcher, { form: 'row', key: null, rejoin })
    this.#byRun.set(run, { subscription, holders: 1 })
    this.watcher.expect(1)
    follow(subscription, run, view)
  }
}
