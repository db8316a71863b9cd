import { retrying } from '../db/call.ts'
import type { Db } from '../db/client.ts'
import { type Advance, advanceRuns, type Move } from '../db/engine.ts'
import { isPassing } from './fault.ts'

/** Moves of one transaction. */
const BATCH = 100

interface Waiting {
  move: Move
  answer: PromiseWithResolvers<Advance>
}

/**
 * Writes the moves of a worker process that have no effects of handlers in their transaction. One batch is in flight; what
 * gathers meanwhile goes in the next: so an idle system is immediate, and a busy one shares its commits.
 */
export class Advancer {
  readonly #db: Db
  readonly #worker: number
  #waiting: Waiting[] = []
  #isFlying = false

  constructor(db: Db, worker: number) {
    this.#db = db
    this.#worker = worker
  }

  /** Resolves once the move is committed, with what it came to. Rejects with what the database said. */
  advance(move: Move): Promise<Advance> {
    const answer = Promise.withResolvers<Advance>()
    this.#waiting.push({ move, answer })
    if (!this.#isFlying) void this.#fly()
    return answer.promise
  }

  async #fly(): Promise<void> {
    this.#isFlying = true
    // Let others say in this turn what they have to say.
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#write(this.#take())
    this.#isFlying = false
  }

  /** One move of a run at a time, so that each hears of what began because of it, and only it. */
  #take(): Waiting[] {
    const batch = new Map<string, Waiting>()
    const rest: Waiting[] = []
    for (const waiting of this.#waiting) {
      const { run } = waiting.move
      if (batch.size < BATCH && !batch.has(run)) batch.set(run, waiting)
      else rest.push(waiting)
    }
    this.#waiting = rest
    return [...batch.values()]
  }

  async #write(batch: Waiting[]): Promise<void> {
    try {
      const moves = batch.map(({ move }) => move)
      const advances = await retrying(() => advanceRuns(this.#db, this.#worker, moves, false))
      for (const [index, waiting] of batch.entries()) {
        const advance = advances[index] as Advance
        if (advance.outcome === 'locked') void this.#writeAlone(waiting)
        else waiting.answer.resolve(advance)
      }
    } catch (error) {
      this.#recover(batch, error)
    }
  }

  /** A fault of the database is everybody's; else one move is at fault, and the others go without it. */
  #recover(batch: Waiting[], error: unknown): void {
    if (batch.length === 1 || isPassing(error)) for (const { answer } of batch) answer.reject(error)
    else for (const waiting of batch) void this.#writeAlone(waiting)
  }

  /** Waits for whoever holds the run's row, beside the batches. */
  async #writeAlone({ move, answer }: Waiting): Promise<void> {
    try {
      const ask = () => retrying(() => advanceRuns(this.#db, this.#worker, [move], true))
      let [advance] = (await ask()) as [Advance]
      // It waited for somebody who let the run go: now it can be claimed.
      while (advance.outcome === 'locked') [advance] = (await ask()) as [Advance]
      answer.resolve(advance)
    } catch (error) {
      answer.reject(error)
    }
  }
}
