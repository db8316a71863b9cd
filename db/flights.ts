/** Batches in flight: while the database writes one, this process prepares the other. */
const FLIGHTS = 2
/** Of one transaction. */
export const BATCH = 100

/** Chooses what goes next of what waits, oldest first; the rest goes on waiting. */
type Choose<T> = (waiting: readonly T[]) => { batch: T[]; rest: T[] }

/**
 * What many callers want written, in shared transactions. Two batches are in flight; what gathers meanwhile goes in the
 * next: so a lone one waits for nobody, and many share the cost of a statement and of a commit.
 */
export class Flights<T> {
  readonly #choose: Choose<T>
  readonly #write: (batch: T[]) => Promise<void>
  #waiting: T[] = []
  #flying = 0

  /** `write` tells its callers what came of it; it never rejects. */
  constructor(choose: Choose<T>, write: (batch: T[]) => Promise<void>) {
    this.#choose = choose
    this.#write = write
  }

  add(one: T): void {
    this.#waiting.push(one)
    this.start()
  }

  /** What was not chosen may go now. */
  start(): void {
    if (this.#waiting.length > 0 && this.#flying < FLIGHTS) void this.#fly()
  }

  async #fly(): Promise<void> {
    this.#flying++
    // Let others say in this turn what they have to say.
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
