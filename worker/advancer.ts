import type { Announcer } from '../db/announcer.ts'
import { retrying } from '../db/call.ts'
import { NEWS, type News } from '../db/changes.ts'
import type { Db } from '../db/client.ts'
import { type Advance, advanceRuns, isFinal, type Move, runIsFree } from '../db/engine.ts'
import { BATCH, Flights } from '../db/flights.ts'
import { isHeld, isPassing } from './fault.ts'

interface Waiting {
  move: Move
  answer: PromiseWithResolvers<Advance>
}

/**
 * Writes the moves of a worker process whose transactions hold no effects of handlers, several moves per transaction.
 */
export class Advancer {
  readonly #db: Db
  readonly #worker: number
  readonly #announcer: Announcer
  readonly #flights = new Flights<Waiting>(
    (waiting) => this.#choose(waiting),
    (batch) => this.#write(batch),
  )
  /** Runs with a move in flight. */
  readonly #flying = new Set<string>()

  constructor(db: Db, worker: number, announcer: Announcer) {
    this.#db = db
    this.#worker = worker
    this.#announcer = announcer
  }

  /** Resolves with the outcome once the move is committed. Rejects with the database's error. */
  advance(move: Move): Promise<Advance> {
    const answer = Promise.withResolvers<Advance>()
    this.#flights.add({ move, answer })
    return answer.promise
  }

  /** One move of a run at a time, so that each is answered with what began because of it, and nothing else. */
  #choose(waiting: readonly Waiting[]): { batch: Waiting[]; rest: Waiting[] } {
    const batch: Waiting[] = []
    const rest: Waiting[] = []
    for (const one of waiting) {
      const { run } = one.move
      const fits = batch.length < BATCH && !this.#flying.has(run)
      if (fits) this.#flying.add(run)
      ;(fits ? batch : rest).push(one)
    }
    return { batch, rest }
  }

  async #write(batch: Waiting[]): Promise<void> {
    try {
      const moves = batch.map(({ move }) => move)
      const advances = await retrying(() => advanceRuns(this.#db, this.#worker, moves, false))
      for (const [index, waiting] of batch.entries()) {
        const advance = advances[index] as Advance
        if (advance.outcome === 'done') this.#announcer.announce(waiting.move.run, advance.revision, newsOf(advance))
        if (advance.outcome !== 'locked') this.#land(waiting, advance)
        else if (isClaim(waiting)) void this.#claimAlone(waiting, advance)
        else void this.#writeAlone(waiting)
      }
    } catch (error) {
      this.#recover(batch, error)
    }
  }

  /**
   * A passing fault of the database fails every move of the batch. Else one move is at fault, or meets a held row, and
   * the others are written without it.
   */
  #recover(batch: Waiting[], error: unknown): void {
    for (const waiting of batch) {
      const isAlone = batch.length === 1
      const isOver = isHeld(error) ? isAlone && isClaim(waiting) : isAlone || isPassing(error)
      if (isOver) this.#fall(waiting, error)
      else if (isClaim(waiting)) void this.#write([waiting]).then(() => this.#flights.start())
      else void this.#writeAlone(waiting)
    }
  }

  #land({ move, answer }: Waiting, advance: Advance): void {
    this.#flying.delete(move.run)
    answer.resolve(advance)
  }

  #fall({ move, answer }: Waiting, error: unknown): void {
    this.#flying.delete(move.run)
    answer.reject(error)
  }

  /** A suspect is claimed in a transaction of its own; a run whose row is held is claimed later. */
  async #claimAlone(waiting: Waiting, locked: Advance): Promise<void> {
    const isFree = await retrying(() => runIsFree(this.#db, waiting.move.run)).catch(() => false)
    if (isFree) return this.#writeAlone(waiting)
    this.#land(waiting, locked)
    this.#flights.start()
  }

  /** Waits for the holder of the run's row, beside the batches: one connection for each such run. */
  async #writeAlone(waiting: Waiting): Promise<void> {
    const { move } = waiting
    try {
      const [advance] = await retrying(() => advanceRuns(this.#db, this.#worker, [move], true))
      this.#land(waiting, advance as Advance)
    } catch (error) {
      this.#fall(waiting, error)
    }
    // Moves of the run that were added meanwhile have waited for this one.
    this.#flights.start()
  }
}

/** A claim waits for no row: its job would occupy a place of the worker meanwhile. It is offered again instead. */
function isClaim({ move }: Waiting): boolean {
  return move.lease === null
}

/**
 * A claim or an end changes the run's status. A run that a claim takes over was already running: that is one
 * announcement more than needed.
 */
function newsOf(advance: Advance): News {
  return advance.claim !== null || isFinal(advance) ? NEWS.status : NEWS.change
}
