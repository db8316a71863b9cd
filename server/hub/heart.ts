import type { Watcher } from './watcher.ts'

/** Each watcher is visited twice within the 15 seconds after which it must have heard something. */
const ROUND_MS = 7_000
/**
 * Into how many parts a round is divided. Ten thousand heartbeats at once take a third of a second, and news would have
 * to wait for them.
 */
const LOOKS = 28

/** All watchers; sends a heartbeat to those whose streams are quiet. */
export class Heart {
  /**
   * The watchers that are visited together. Each keeps its place, so that it gets its turn in every round, whoever
   * comes and goes meanwhile.
   */
  readonly #places = Array.from({ length: LOOKS }, () => new Set<Watcher>())
  #added = 0
  #looks = 0
  readonly #timer = setInterval(() => this.#look(), ROUND_MS / LOOKS).unref()

  add(watcher: Watcher): void {
    this.#placeOf(this.#added++).add(watcher)
  }

  /** Searching for its place costs less than storing it in each of ten thousand watchers. */
  remove(watcher: Watcher): void {
    for (const place of this.#places) if (place.delete(watcher)) return
  }

  *all(): Generator<Watcher> {
    for (const place of this.#places) yield* place
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    for (const watcher of this.#placeOf(this.#looks++)) watcher.beat()
  }

  #placeOf(number: number): Set<Watcher> {
    return this.#places[number % LOOKS] as Set<Watcher>
  }
}
