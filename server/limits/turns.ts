import { nameOf, type Principal } from '../access/principal.ts'
import { type Problem, tooManyRequests } from '../problem.ts'

/** As long as a query waits for a connection. */
const WAIT_MS = 5_000
const RETRY_S = 5

interface Line {
  taken: number
  /** Called when their turn comes, in order of arrival. */
  waiting: Set<() => void>
}

/**
 * Lets `atOnce` requests of one principal work at the same time; the next waits for its turn, so that some connections
 * stay free for others.
 */
export class Turns {
  readonly #atOnce: number
  readonly #waitMs: number
  readonly #lines = new Map<string, Line>()

  constructor(atOnce: number, waitMs = WAIT_MS) {
    this.#atOnce = atOnce
    this.#waitMs = waitMs
  }

  /** 429 if the turn does not come within 5 s. */
  async run<T>(principal: Principal, work: () => Promise<T>): Promise<T> {
    const name = nameOf(principal)
    const line = this.#lines.get(name) ?? { taken: 0, waiting: new Set() }
    this.#lines.set(name, line)
    if (line.taken < this.#atOnce) line.taken++
    else await this.#wait(line)
    try {
      return await work()
    } finally {
      this.#leave(name, line)
    }
  }

  async #wait({ waiting }: Line): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    waiting.add(resolve)
    const timer = setTimeout(() => {
      waiting.delete(resolve)
      reject(tooMany(this.#atOnce))
    }, this.#waitMs)
    await promise.finally(() => clearTimeout(timer))
  }

  /** The next in line takes over the place. */
  #leave(name: string, line: Line): void {
    const [next] = line.waiting
    if (next) {
      line.waiting.delete(next)
      next()
      return
    }
    line.taken--
    if (line.taken === 0) this.#lines.delete(name)
  }
}

function tooMany(atOnce: number): Problem {
  const detail = `You have ${atOnce} slow queries under way, which is the limit. Wait for their answers.`
  return tooManyRequests(detail, RETRY_S)
}
