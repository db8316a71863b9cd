import { newestRuns, type RunKey, readFiled } from '../../db/changes.ts'
import type { Db } from '../../db/client.ts'
import type { View } from '../access/access.ts'
import { Agenda } from './agenda.ts'
import { createLane, type Lane } from './lane.ts'
import { Pursuit } from './pursuit.ts'
import type { Key, Subscription } from './subscription.ts'
import { take } from './take.ts'

const KEYS_A_READ = 1_000
const RUNS_A_READ = 1_000

interface KeysOptions {
  db: Db
  onFailure: (error: unknown) => void
  follow: (subscription: Subscription, run: string, view: View) => void
}

interface WatchedKey {
  key: Key
  pursuits: Map<Subscription, Pursuit>
}

/**
 * The watched keys and the newest run under each. Queried are keys that are new or had a run inserted or deleted, at
 * most a thousand in one query, and after them, from time to time, all keys.
 */
export class Keys {
  readonly #options: KeysOptions
  readonly #watched = new Map<string, WatchedKey>()
  readonly #agenda = new Agenda<WatchedKey>()
  readonly #inserted = new Set<string>()
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
    this.ask(key)
  }

  remove(subscription: Subscription): void {
    if (!subscription.key) return
    const name = nameOf(subscription.key)
    const watched = this.#watched.get(name)
    watched?.pursuits.get(subscription)?.stop()
    watched?.pursuits.delete(subscription)
    if (watched?.pursuits.size === 0) this.#close(name, watched)
  }

  /** Another run may now be the newest under the key. */
  ask(key: RunKey): void {
    const watched = this.#watched.get(nameOf(key))
    if (!watched) return
    this.#agenda.add(watched)
    this.#lane.wake()
  }

  /** A run was inserted; its key is not known yet. */
  inserted(run: string): void {
    if (this.#watched.size === 0) return
    this.#inserted.add(run)
    this.#lane.wake()
  }

  /** Notifications may have been lost. */
  recheck(): void {
    this.#agenda.addAfterwards(this.#watched.values())
    if (!this.#agenda.isEmpty) this.#lane.wake()
  }

  stop(): Promise<void> {
    for (const { pursuits } of this.#watched.values()) for (const pursuit of pursuits.values()) pursuit.stop()
    return this.#lane.stop()
  }

  #close(name: string, watched: WatchedKey): void {
    this.#watched.delete(name)
    this.#agenda.delete(watched)
  }

  async #resolve(): Promise<void> {
    await this.#findDue()
    const asked = this.#agenda.take(KEYS_A_READ)
    if (asked.length > 0) await this.#show(asked)
    if (!this.#agenda.isEmpty || this.#inserted.size > 0) this.#lane.wake()
  }

  /** Finds the watched keys that the inserted runs belong to. */
  async #findDue(): Promise<void> {
    const inserted = take(this.#inserted, RUNS_A_READ)
    if (inserted.length === 0) return
    const filed = await readFiled(this.#options.db, inserted).catch((error) => {
      this.recheck()
      throw error
    })
    for (const { key, ...run } of filed) if (key !== null) this.ask({ ...run, key })
  }

  async #show(asked: WatchedKey[]): Promise<void> {
    const keys = asked.map(({ key: { tenant, workflow, key } }) => ({ tenant, workflow, key }))
    const newest = await newestRuns(this.#options.db, keys).catch((error) => {
      for (const { key } of asked) this.ask(key)
      throw error
    })
    const runs = new Map(newest.map((row) => [nameOf(row), row.run]))
    for (const each of asked) {
      const run = runs.get(nameOf(each.key)) ?? null
      for (const pursuit of each.pursuits.values()) pursuit.show(run)
    }
  }
}

/** Joined with NULs, which no name contains. */
function nameOf({ tenant, workflow, key }: RunKey): string {
  return `${tenant}\0${workflow}\0${key}`
}
