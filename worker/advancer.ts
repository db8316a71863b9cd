import type { Announcer } from '../db/announcer.ts'
import { retrying } from '../db/call.ts'
import { NEWS, type News } from '../db/changes.ts'
import type { Db } from '../db/client.ts'
import { type Advance, advanceRuns, type Move } from '../db/engine.ts'
import { isPassing } from './fault.ts'

/** Batches in flight: while the database writes one, this process hears of what began by the other. */
const FLIGHTS = 2
/** Moves of one transaction. */
const BATCH = 100

interface Waiting {
  move: Move
  answer: PromiseWithResolvers<Advance>
}

/**
 * Writes the moves of a worker process that have no effects of handlers in their transaction. Two batches are in flight; what
 * gathers meanwhile goes in the next: so an idle system is immediate, and a busy one shares its commits.
 */
export class Advancer {
  readonly #db: Db
  readonly #worker: number
  readonly #announcer: Announcer
  #waiting: Waiting[] = []
  #flights = 0
  /** Runs with a move in flight. */
  readonly #flying = new Set<string>()

  constructor(db: Db, worker: number, announcer: Announcer) {
    this.#db = db
    this.#worker = worker
    this.#announcer = announcer
  }

  /** Resolves once the move is committed, with what it came to. Rejects with what the database said. */
  advance(move: Move): Promise<Advance> {
    const answer = Promise.withResolvers<Advance>()
    this.#waiting.push({ move, answer })
    if (this.#flights < FLIGHTS) void this.#fly()
    return answer.promise
  }

  async #fly(): Promise<void> {
    this.#flights++
    // Let others say in this turn what they have to say.
    await Promise.resolve()
    for (let batch = this.#take(); batch.length > 0; batch = this.#take()) {
      await this.#write(batch)
    }
    this.#flights--
  }

  /** One move of a run at a time, so that each hears of what began because of it, and only it. */
  #take(): Waiting[] {
    const batch = new Map<string, Waiting>()
    const rest: Waiting[] = []
    for (const waiting of this.#waiting) {
      const { run } = waiting.move
      if (batch.size < BATCH && !batch.has(run) && !this.#flying.has(run)) batch.set(run, waiting)
      else rest.push(waiting)
    }
    this.#waiting = rest
    for (const run of batch.keys()) this.#flying.add(run)
    return [...batch.values()]
  }

  async #write(batch: Waiting[]): Promise<void> {
    try {
      const moves = batch.map(({ move }) => move)
      const advances = await retrying(() => advanceRuns(this.#db, this.#worker, moves, false))
      for (const [index, waiting] of batch.entries()) {
        const advance = advances[index] as Advance
        if (advance.outcome === 'done') this.#announcer.announce(waiting.move.run, advance.revision, newsOf(advance))
        if (advance.outcome === 'locked') void this.#writeAlone(waiting)
        else this.#land(waiting, advance)
      }
    } catch (error) {
      this.#recover(batch, error)
    }
  }

  /** A fault of the database is everybody's; else one move is at fault, and the others go without it. */
  #recover(batch: Waiting[], error: unknown): void {
    if (batch.length === 1 || isPassing(error)) for (const waiting of batch) this.#fall(waiting, error)
    else for (const waiting of batch) void this.#writeAlone(waiting)
  }

  #land({ move, answer }: Waiting, advance: Advance): void {
    this.#flying.delete(move.run)
    answer.resolve(advance)
  }

  #fall({ move, answer }: Waiting, error: unknown): void {
    this.#flying.delete(move.run)
    answer.reject(error)
  }

  /** Waits for whoever holds the run's row, beside the batches: one connection for each such run. */
  async #writeAlone(waiting: Waiting): Promise<void> {
    const { move } = waiting
    try {
      const ask = () => retrying(() => advanceRuns(this.#db, this.#worker, [move], true))
      let [advance] = (await ask()) as [Advance]
      // It waited for somebody who let the run go: now it can be claimed.
      while (advance.outcome === 'locked') [advance] = (await ask()) as [Advance]
      this.#land(waiting, advance)
    } catch (error) {
      this.#fall(waiting, error)
    }
    // What the run said meanwhile has waited for this.
    if (this.#waiting.length > 0 && this.#flights < FLIGHTS) void this.#fly()
  }
}

/** A claim or an end changes the run's status; what a claim takes over had begun already, and is told once more than needed. */
function newsOf({ claim, status }: Advance): News {
  return claim !== null || status === 'completed' || status === 'failed' ? NEWS.status : NEWS.change
}
