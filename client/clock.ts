/**
 * How many of the latest samples of the server's clock count: enough to include one with low latency, few enough to
 * forget the time before a clock was set.
 */
const SAMPLES = 32

/**
 * The server's time, estimated from the `now` of what it sends. Every message arrives late by its own latency, so the
 * estimate furthest ahead is the best one.
 */
export class ServerClock {
  readonly #samples: number[] = []
  #offset = 0
  readonly #localNow: () => number

  /** The default `localNow` does not jump when the machine's clock is set. */
  constructor(localNow: () => number = () => performance.timeOrigin + performance.now()) {
    this.#localNow = localNow
  }

  /** `now`: the server's time when it made what has just arrived, ISO 8601. */
  observe(now: string): void {
    const sample = Date.parse(now) - this.#localNow()
    if (Number.isNaN(sample)) return
    this.#samples.push(sample)
    if (this.#samples.length > SAMPLES) this.#samples.shift()
    this.#offset = Math.max(...this.#samples)
  }

  /** Milliseconds since 1970 by the server's clock. */
  now(): number {
    return this.#localNow() + this.#offset
  }

  /** Milliseconds from a time until now, never below 0. */
  since(time: string): number {
    return Math.max(0, this.now() - Date.parse(time))
  }
}
