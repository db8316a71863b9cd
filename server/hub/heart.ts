import type { Watcher } from './watcher.ts'

/** Each watcher is looked at twice within the 15 seconds after which it must have heard something. */
const ROUND_MS = 7_000
/**
 * How often in a round some of all are looked at. Ten thousand beats at once take a third of a second, and
 * what is new waits for them.
 */
const LOOKS = 28

/** All watchers; tells those whose streams are quiet that the connection lives. */
export class Heart {
  /**
   * Who is looked at together. Each keeps its place, so that it is its turn every round, whoever
   * comes and goes meanwhile.
   */
  readonly #places = Array.from({ length: LOOKS }, () => new Set<Watcher>())
  #added = 0
  #looks = 0
  readonly #timer = setInterval(() => this.#look(), ROUND_MS / LOOKS).unref()

  add(watcher: Watcher): void {
    this.#placeOf(this.#added++).add(watcher)
  }

  /** To look for its place costs less than each of ten thousand to know it. */
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
