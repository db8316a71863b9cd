import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Advance, isFinal, type StepInfo } from '../db/engine.ts'
import { Attempt } from './attempt.ts'
import type { Course } from './course.ts'
import { hasOnEnd } from './on-end.ts'
import { runAttempt } from './run-attempt.ts'
import { RunningStep } from './step.ts'

/** Node fires a timer with a longer delay at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Drives a claimed run until nothing of it runs here. The database says which attempts have begun; each runs here and
 * reports its end to the database, which answers with the attempts that have begun because of it.
 */
export class Drive {
  readonly #course: Course
  readonly #tasks = new Set<Promise<void>>()
  /** The attempts that were begun here: after a lost answer, the database names them again. */
  readonly #known = new Set<string>()
  #wake: NodeJS.Timeout | undefined
  /** The latest so far: answers may arrive out of order. */
  #revision = 0
  #fault: unknown = null
  #turn: Promise<void> = Promise.resolve()

  constructor(course: Course) {
    this.#course = course
    course.holding.look = () => this.#spawn(this.#look())
  }

  /** Resolves when the run has ended, was given back to the queue, or is no longer ours. Rejects with a fault. */
  async run(first: Advance): Promise<void> {
    this.#follow(first)
    while (this.#tasks.size > 0) await Promise.race(this.#tasks)
    clearTimeout(this.#wake)
    if (this.#fault) throw this.#fault
  }

  #spawn(work: Promise<void>): void {
    const task = work
      .catch((error) => {
        this.#fault ??= error
        this.#course.holding.stop('the run is given back because of a fault')
      })
      .finally(() => this.#tasks.delete(task))
    this.#tasks.add(task)
  }

  #follow(advance: Advance): void {
    const { holding, services } = this.#course
    const { outcome, revision, status, began, unfinished, wakeMs } = advance
    if (isFinal(advance)) services.meter.ended(holding.info.workflow, advance.status)
    if (outcome === 'fenced') {
      services.meter.fenced()
      holding.fence()
    }
    if (holding.stopped !== null || status !== 'running') return
    for (const info of began) this.#begin(info)
    if (revision < this.#revision) return
    this.#revision = revision
    this.#course.unfinished = unfinished
    clearTimeout(this.#wake)
    if (wakeMs !== null) this.#wake = setTimeout(() => this.#spawn(this.#look()), Math.min(wakeMs, LONGEST_TIMER_MS))
  }

  #begin(info: StepInfo): void {
    const name = `${info.id} ${info.attempt}`
    if (this.#known.has(name)) return
    this.#known.add(name)
    this.#spawn(this.#attempt(info))
  }

  async #attempt(info: StepInfo): Promise<void> {
    const { services, holding } = this.#course
    const attempt = new Attempt(info)
    holding.attempts.add(attempt)
    try {
      await this.#takeTurn()
      const step = new RunningStep(services, holding, attempt)
      const advance = await runAttempt(this.#course, step).finally(() => {
        step.close()
        attempt.isOver = true
        // What its handler left behind must not write into the next attempt. After an attempt that ended well there is
        // none, and its signal must not say that it was in vain.
        if (step.outcome !== 'completed' && step.outcome !== 'skipped') attempt.drop('the attempt is over')
      })
      if (advance) this.#follow(advance)
      else await this.#look()
    } finally {
      // A handler that continues after its signal, or did not await one of its sub-steps, may have left some open.
      await attempt.abandon()
      holding.attempts.delete(attempt)
    }
  }

  /**
   * Of attempts that begin together, one begins in each turn of the event loop: a thousand handlers that each take a
   * copy of a large result would else block it for so long that the worker is given up.
   */
  #takeTurn(): Promise<void> {
    const turn = this.#turn
    this.#turn = turn.then(() => nextTurn())
    return turn
  }

  /** Something may begin: a retry's wait is over, or another process ended a step. */
  async #look(): Promise<void> {
    const { services, workflow, holding } = this.#course
    if (holding.stopped !== null) return
    const { run, lease } = holding
    this.#follow(await services.advancer.advance({ run, lease, ending: null, settles: !hasOnEnd(workflow) }))
  }
}
