import { newestRuns, type RunKey } from '../db/changes.ts'
import type { Db } from '../db/client.ts'
import type { View } from './access.ts'
import { createLane, type Lane } from './lane.ts'
import { Pursuit } from './pursuit.ts'
import type { Key, Subscription } from './subscription.ts'

interface KeysOptions {
  db: Db
  onFailure: (error: unknown) => void
  follow: (subscription: Subscription, run: string, view: View) => void
}

interface Watched {
  key: Key
  pursuits: Map<Subscription, Pursuit>
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
    const watched = this.#watched.get(name) ?? { key, pursuits: new Map() }
    watched.pursuits.set(subscription, new Pursuit(subscription, key, this.#options))
    this.#watched.set(name, watched)
    this.#lane.wake()
  }

  remove(subscription: Subscription): void {
    if (!subscription.key) return
    const name = nameOf(subscription.key)
    const watched = this.#watched.get(name)
    watched?.pursuits.get(subscription)?.stop()
    watched?.pursuits.delete(subscription)
    if (watched?.pursuits.size === 0) this.#watched.delete(name)
  }

  /** A run was inserted or deleted somewhere. */
  wake(): void {
    if (this.#watched.size > 0) this.#lane.wake()
  }

  stop(): Promise<void> {
    for (const { pursuits } of this.#watched.values()) for (const pursuit of pursuits.values()) pursuit.stop()
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
      for (const pursuit of each.pursuits.values()) pursuit.show(run)
    }
  }
}

/** No name holds a NUL. */
function nameOf({ tenant, workflow, key }: RunKey): string {
  return `${tenant}\0${workflow}\0${key}`
}
