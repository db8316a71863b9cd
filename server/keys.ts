import { newestRuns, type RunKey } from '../db/changes.ts'
import type { Db } from '../db/client.ts'
import { createLane, type Lane } from './lane.ts'
import type { Key, Subscription } from './subscription.ts'

interface KeysOptions {
  db: Db
  onFailure: (error: unknown) => void
  follow: (subscription: Subscription, run: string) => void
}

interface Watched {
  key: Key
  subscriptions: Set<Subscription>
}

/** The watched keys and which run is the newest under each: all of them in one query, whenever a run was inserted. */
export class Keys {
  readonly #options: KeysOptions
  readonly #watched = new Map<string, Watched>()
  readonly #lane: Lane

  constructor(options: KeysOptions) {
    this.#options = options
    this.#lane = createLane(() => this.#resolve(), options.onFailure)
  }

  add(subscription: Subscription, key: Key): void {
    const name = nameOf(key)
    const watched = this.#watched.get(name) ?? { key, subscriptions: new Set() }
    watched.subscriptions.add(subscription)
    this.#watched.set(name, watched)
    this.#lane.wake()
  }

  remove(subscription: Subscription): void {
    if (!subscription.key) return
    const name = nameOf(subscription.key)
    const watched = this.#watched.get(name)
    watched?.subscriptions.delete(subscription)
    if (watched?.subscriptions.size === 0) this.#watched.delete(name)
  }

  /** A run was inserted or deleted somewhere. */
  wake(): void {
    if (this.#watched.size > 0) this.#lane.wake()
  }

  stop(): Promise<void> {
    return this.#lane.stop()
  }

  async #resolve(): Promise<void> {
    const watched = [...this.#watched.values()]
    if (watched.length === 0) return
    const keys = watched.map(({ key: { tenant, workflow, key } }) => ({ tenant, workflow, key }))
    const newest = await newestRuns(this.#options.db, keys)
    const runs = new Map(newest.map((row) => [nameOf(row), row.run]))
    for (const each of watched) {
      const run = runs.get(nameOf(each.key)) ?? null
      for (const subscription of each.subscriptions) await this.#move(subscription, run)
    }
  }

  async #move(subscription: Subscription, run: string | null): Promise<void> {
    if (run === subscription.run) return run === null ? subscription.settle() : undefined
    const admitted = run !== null && (await subscription.key?.admits(run))
    if (subscription.watcher.closed) return
    if (admitted) this.#options.follow(subscription, run)
    else if (subscription.run === null) subscription.settle()
  }
}

/** No name holds a NUL. */
function nameOf({ tenant, workflow, key }: RunKey): string {
  return `${tenant}\0${workflow}\0${key}`
}
