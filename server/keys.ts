import { newestRuns, type RunKey, readFiled } from '../db/changes.ts'
import type { Db } from '../db/client.ts'
import type { View } from './access.ts'
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

interface Watched {
  key: Key
  pursuits: Map<Subscription, Pursuit>
}

/**
 * The watched keys and which run is the newest under each: asked of those that are new or had a run inserted or
 * deleted, a thousand in one query at most, and behind them, now and then, of all.
 */
export class Keys {
  readonly #options: KeysOptions
  readonly #watched = new Map<string, Watched>()
  readonly #due = new Set<Watched>()
  readonly #afterwards = new Set<Watched>()
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

  /** Another run may be the newest under it. */
  ask(key: RunKey): void {
    const watched = this.#watched.get(nameOf(key))
    if (!watched) return
    this.#due.add(watched)
    this.#afterwards.delete(watched)
    this.#lane.wake()
  }

  /** Under which key is not known. */
  inserted(run: string): void {
    if (this.#watched.size === 0) return
    this.#inserted.add(run)
    this.#lane.wake()
  }

  /** Notifications may have been lost. */
  recheck(): void {
    for (const watched of this.#watched.values()) if (!this.#due.has(watched)) this.#afterwards.add(watched)
    if (this.#afterwards.size > 0) this.#lane.wake()
  }

  stop(): Promise<void> {
    for (const { pursuits } of this.#watched.values()) for (const pursuit of pursuits.values()) pursuit.stop()
    return this.#lane.stop()
  }

  #close(name: string, watched: Watched): void {
    this.#watched.delete(name)
    this.#due.delete(watched)
    this.#afterwards.delete(watched)
  }

  async #resolve(): Promise<void> {
    await this.#findDue()
    const due = take(this.#due, KEYS_A_READ)
    const asked = [...due, ...take(this.#afterwards, KEYS_A_READ - due.length)]
    if (asked.length > 0) await this.#show(asked)
    if (this.#due.size + this.#afterwards.size + this.#inserted.size > 0) this.#lane.wake()
  }

  /** Under which of the keys the runs are that were inserted. */
  async #findDue(): Promise<void> {
    const inserted = take(this.#inserted, RUNS_A_READ)
    if (inserted.length === 0) return
    const filed = await readFiled(this.#options.db, inserted).catch((error) => {
      this.recheck()
      throw error
    })
    for (const { key, ...run } of filed) if (key !== null) this.ask({ ...run, key })
  }

  async #show(asked: Watched[]): Promise<void> {
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

/** No name holds a NUL. */
function nameOf({ tenant, workflow, key }: RunKey): string {
  return `${tenant}\0${workflow}\0${key}`
}
