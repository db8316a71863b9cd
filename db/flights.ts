/** Batches in flight: while the database writes one, this process prepares the other. */
const FLIGHTS = 2
/** The most entries of one transaction. */
export const BATCH = 100

/** Chooses what is written next of what is waiting, oldest first; the rest keeps waiting. */
type Choose<T> = (waiting: readonly T[]) => { batch: T[]; rest: T[] }

/**
 * Writes entries of many callers in shared transactions. Two batches are in flight; what arrives meanwhile goes into
 * the next: so a single entry waits for nobody, and many share the cost of a statement and of a commit.
 */
export class Flights<T> {
  readonly #choose: Choose<T>
  readonly #write: (batch: T[]) => Promise<void>
  #waiting: T[] = []
  #flying = 0

  /** `write` reports the outcome to its callers; it never rejects. */
  constructor(choose: Choose<T>, write: (batch: T[]) => Promise<void>) {
    this.#choose = choose
    this.#write = write
  }

  add(one: T): void {
    this.#waiting.push(one)
    this.start()
  }

  /** Called when entries that were not chosen before may be chosen now. */
  start(): void {
    if (this.#waiting.length > 0 && this.#flying < FLIGHTS) void this.#fly()
  }

  async #fly(): Promise<void> {
    this.#flying++
    // Lets other callers add their entries in this turn of the event loop.
    await Promise.resolve()
    for (let batch = this.#take(); batch.length > 0; batch = this.#take()) await this.#write(batch)
    this.#flying--
  }

  #take(): T[] {
    const { batch, rest } = this.#choose(this.#waiting)
    this.#waiting = rest
    return batch
  }
}
