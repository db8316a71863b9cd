import { type Filter, NEWS, newestListed, readFiled } from '../../db/changes.ts'
import type { Db } from '../../db/client.ts'
import { Agenda } from './agenda.ts'
import { nameOf } from './filter.ts'
import type { Follower } from './follower.ts'
import { createLane, type Lane } from './lane.ts'
import { List } from './list.ts'
import { take } from './take.ts'

const LISTS_A_READ = 100
/** One transaction may change a hundred thousand: to look through them at once would hold up every stream. */
const RUNS_A_READ = 1_000

interface ListsOptions {
  db: Db
  /** Whether anybody is shown the run. */
  isWatched: (run: string) => boolean
  onFailure: (error: unknown) => void
}

/**
 * The live lists that are watched. A list is read again when a run that belongs in it was inserted or has changed its
 * status, or when a run has left it; mere progress causes no read. All lists that are due go into one query, and after
 * it, from time to time, all lists.
 */
export class Lists {
  readonly #options: ListsOptions
  readonly #byName = new Map<string, List>()
  readonly #agenda = new Agenda<List>()
  readonly #changed = new Set<string>()
  /** How many lists filter by status. */
  #byStatus = 0
  readonly #lane: Lane

  constructor(options: ListsOptions) {
    this.#options = options
    this.#lane = createLane(() => this.#read(), options.onFailure)
  }

  add(follower: Follower): void {
    const list = this.#byName.get(nameOf(follower.filter)) ?? this.#open(follower.filter)
    list.add(follower)
    this.#agenda.add(list)
    this.#lane.wake()
  }

  remove(follower: Follower): void {
    follower.stop()
    this.#leave(follower)
  }

  /** Too few of the runs that are read for it may be seen: it follows a longer list from now on. */
  deepen(follower: Follower): void {
    this.#leave(follower)
    follower.deepen()
    this.add(follower)
  }

  #leave(follower: Follower): void {
    const list = this.#byName.get(nameOf(follower.filter))
    list?.remove(follower)
    if (list && !list.isFollowed) this.#close(list)
  }

  /** A run was inserted or deleted, or its status changed, which only matters if some list filters by status. */
  changed(run: string, news?: unknown): void {
    if (this.#byName.size === 0 || (news === NEWS.status && this.#byStatus === 0)) return
    this.#changed.add(run)
    this.#lane.wake()
  }

  /** Notifications may have been lost. */
  recheck(): void {
    this.#agenda.addAfterwards(this.#byName.values())
    if (!this.#agenda.isEmpty) this.#lane.wake()
  }

  stop(): Promise<void> {
    for (const list of this.#byName.values()) list.stop()
    return this.#lane.stop()
  }

  #open(filter: Filter): List {
    const list = new List(filter)
    this.#byName.set(nameOf(filter), list)
    if (filter.statuses !== null) this.#byStatus += 1
    return list
  }

  #close(list: List): void {
    this.#byName.delete(nameOf(list.filter))
    this.#agenda.delete(list)
    if (list.filter.statuses !== null) this.#byStatus -= 1
  }

  async #read(): Promise<void> {
    await this.#findDue()
    const lists = this.#agenda.take(LISTS_A_READ)
    if (lists.length > 0) await this.#show(lists)
    if (!this.#agenda.isEmpty || this.#changed.size > 0) this.#lane.wake()
  }

  async #show(lists: List[]): Promise<void> {
    const show = lists.map((list) => list.read())
    const filters = lists.map(({ filter }) => filter)
    const read = await newestListed(this.#options.db, filters).catch((error) => {
      for (const list of lists) if (list.isFollowed) this.#agenda.add(list)
      throw error
    })
    for (const [index, runs] of read.entries()) show[index]?.(runs)
  }

  /** Finds the lists that the changed runs have moved into or out of. */
  async #findDue(): Promise<void> {
    const changed = take(this.#changed, RUNS_A_READ)
    if (changed.length === 0) return
    const filed = await readFiled(this.#options.db, changed).catch((error) => {
      this.recheck()
      throw error
    })
    const deleted = new Set(changed)
    for (const { run } of filed) deleted.delete(run)
    // Watchers that are shown a deleted run are told first; then the lists are notified of it again.
    for (const run of deleted) if (this.#options.isWatched(run)) deleted.delete(run)
    const byTenant = Map.groupBy(filed, ({ tenant }) => tenant)
    for (const list of this.#byName.values()) {
      const own = byTenant.get(list.filter.tenant) ?? []
      if (own.some((run) => list.isMovedBy(run)) || list.holdsOne(deleted)) this.#agenda.add(list)
    }
  }
}
