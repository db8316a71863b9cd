import type { Filed, Filter } from '../../db/changes.ts'
import { fits } from './filter.ts'
import type { Follower, Listed } from './follower.ts'

/** One live list, however many follow it. */
export class List {
  readonly filter: Filter
  /** The list as it was last read; null: not yet. */
  #listed: Listed | null = null
  readonly #followers = new Set<Follower>()
  /** Followers that wait for the first read that begins after they came. */
  readonly #newcomers = new Set<Follower>()

  constructor(filter: Filter) {
    this.filter = filter
  }

  get isFollowed(): boolean {
    return this.#followers.size + this.#newcomers.size > 0
  }

  add(follower: Follower): void {
    this.#newcomers.add(follower)
  }

  remove(follower: Follower): void {
    this.#followers.delete(follower)
    this.#newcomers.delete(follower)
  }

  /** Begins a read; returns a function that shows its result. */
  read(): (runs: readonly string[]) => void {
    const newcomers = [...this.#newcomers]
    return (runs) => {
      const listed = this.#take(runs)
      for (const follower of this.#followers) follower.show(listed)
      for (const follower of newcomers) if (this.#newcomers.delete(follower)) this.#welcome(follower, listed)
    }
  }

  /** Whether a run belongs in the list and is not in it, or the other way round. */
  isMovedBy(filed: Filed): boolean {
    const belongs = fits(this.filter, filed)
    return this.#listed === null ? belongs : this.#listed.ids.has(filed.run) !== belongs
  }

  holdsOne(runs: ReadonlySet<string>): boolean {
    return runs.size > 0 && (this.#listed === null || this.#listed.runs.some((run) => runs.has(run)))
  }

  stop(): void {
    for (const follower of this.#followers) follower.stop()
  }

  /** The same object as long as it holds the same runs. */
  #take(runs: readonly string[]): Listed {
    const known = this.#listed
    const isSame = known?.runs.length === runs.length && known.runs.every((run, index) => run === runs[index])
    const listed = known && isSame ? known : { runs, ids: new Set(runs) }
    this.#listed = listed
    return listed
  }

  #welcome(follower: Follower, listed: Listed): void {
    this.#followers.add(follower)
    follower.show(listed)
  }
}
