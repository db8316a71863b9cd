import { type Filed, type Filter, NEWS, newestListed, readFiled } from '../db/changes.ts'
import type { Db } from '../db/client.ts'
import type { Follower } from './follower.ts'
import { createLane, type Lane } from './lane.ts'

const LISTS_A_READ = 100

interface ListsOptions {
  db: Db
  onFailure: (error: unknown) => void
}

/** One live list, however many follow it. */
interface List {
  filter: Filter
  /** As it was read last; null: not yet. */
  runs: readonly string[] | null
  followers: Set<Follower>
  /** They wait for the first read that begins after they came. */
  newcomers: Set<Follower>
}

/**
 * The live lists that are watched. A list is read again when a run that belongs in it was inserted or has changed its
 * status, or one that it holds has left; a tick of progress reads none. All that is due goes into one query.
 */
export class Lists {
  readonly #options: ListsOptions
  readonly #byName = new Map<string, List>()
  readonly #due = new Set<List>()
  #changed = new Set<string>()
  #byStatus = 0
  readonly #lane: Lane

  constructor(options: ListsOptions) {
    this.#options = options
    this.#lane = createLane(() => this.#read(), options.onFailure)
  }

  add(follower: Follower): void {
    const { filter } = follower
    const known = this.#byName.get(nameOf(filter))
    const list = known ?? { filter, runs: null, followers: new Set(), newcomers: new Set() }
    if (!known && filter.status !== null) this.#byStatus += 1
    this.#byName.set(nameOf(filter), list)
    list.newcomers.add(follower)
    this.#due.add(list)
    this.#lane.wake()
  }

  remove(follower: Follower): void {
    follower.stop()
    const list = this.#byName.get(nameOf(follower.filter))
    if (!list) return
    list.followers.delete(follower)
    list.newcomers.delete(follower)
    if (list.followers.size + list.newcomers.size > 0) return
    this.#byName.delete(nameOf(list.filter))
    this.#due.delete(list)
    if (list.filter.status !== null) this.#byStatus -= 1
  }

  /** A run was inserted or deleted, or its status changed. Where no list looks at the status, that moves none. */
  changed(run: string, news?: unknown): void {
    if (this.#byName.size === 0 || (news === NEWS.status && this.#byStatus === 0)) return
    this.#changed.add(run)
    this.#lane.wake()
  }

  /** Notifications may have been lost. */
  recheck(): void {
    for (const list of this.#byName.values()) this.#due.add(list)
    if (this.#due.size > 0) this.#lane.wake()
  }

  stop(): Promise<void> {
    for (const { followers } of this.#byName.values()) for (const follower of followers) follower.stop()
    return this.#lane.stop()
  }

  async #read(): Promise<void> {
    await this.#findDue()
    const lists = [...this.#due].slice(0, LISTS_A_READ)
    if (lists.length === 0) return
    for (const list of lists) this.#due.delete(list)
    const newcomers = lists.map((list) => [...list.newcomers])
    const read = await newestListed(
      this.#options.db,
      lists.map(({ filter }) => filter),
    ).catch((error) => {
      for (const list of lists) if (this.#byName.get(nameOf(list.filter)) === list) this.#due.add(list)
      throw error
    })
    for (const [index, list] of lists.entries()) show(list, read[index] ?? [], newcomers[index] ?? [])
    if (this.#due.size > 0) this.#lane.wake()
  }

  /** Which lists the changed runs have moved into or out of. */
  async #findDue(): Promise<void> {
    const changed = this.#changed
    if (changed.size === 0) return
    this.#changed = new Set()
    const filed = await readFiled(this.#options.db, [...changed]).catch((error) => {
      this.recheck()
      throw error
    })
    for (const { run } of filed) changed.delete(run)
    for (const list of this.#byName.values()) {
      if (filed.some((run) => moves(run, list)) || holdsOne(list, changed)) this.#due.add(list)
    }
  }
}

/** It belongs in the list, or may have left it. */
function moves({ run, tenant, workflow, status }: Filed, { filter, runs }: List): boolean {
  if (tenant !== filter.tenant || (filter.workflow !== null && workflow !== filter.workflow)) return false
  if (filter.status === null || status === filter.status) return !runs?.includes(run)
  return runs?.includes(run) ?? true
}

function holdsOne({ runs }: List, deleted: ReadonlySet<string>): boolean {
  return deleted.size > 0 && (runs?.some((run) => deleted.has(run)) ?? true)
}

function show(list: List, runs: readonly string[], newcomers: Follower[]): void {
  const isSame =
    list.runs !== null && runs.length === list.runs.length && runs.every((run, index) => run === list.runs?.[index])
  list.runs = runs
  if (!isSame) for (const follower of list.followers) follower.show(runs)
  for (const follower of newcomers) {
    // It may have gone meanwhile.
    if (!list.newcomers.delete(follower)) continue
    list.followers.add(follower)
    follower.show(runs)
  }
}

/** No name holds a NUL. */
function nameOf({ tenant, workflow, status, limit }: Filter): string {
  return [tenant, workflow ?? '', status ?? '', limit].join('\0')
}
