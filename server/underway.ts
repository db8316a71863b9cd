import { setTimeout as pause } from 'node:timers/promises'

/** The requests that are being answered, streams included. */
export class Underway {
  #count = 0
  #gone = Promise.withResolvers<void>()

  /** Returns what says, once, that it has been answered. */
  enter(): () => void {
    this.#count += 1
    return () => {
      this.#count -= 1
      if (this.#count === 0) this.#gone.resolve()
    }
  }

  /** Resolves when none is left, or after so long. */
  async end(withinMs: number): Promise<void> {
    this.#gone = Promise.withResolvers()
    if (this.#count === 0) return
    const late = new AbortController()
    const end = pause(withinMs, undefined, { signal: late.signal }).catch(() => {})
    await Promise.race([this.#gone.promise, end])
    late.abort()
  }
}
