import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long one piece of work may keep the event loop, in milliseconds. */
const TURN_MS = 10

/** Writing to ten thousand watchers takes a third of a second: in between, others get the event loop. */
export class Pace {
  #began = performance.now()

  get isOver(): boolean {
    return performance.now() - this.#began > TURN_MS
  }

  async rest(): Promise<void> {
    await nextTurn()
    this.#began = performance.now()
  }
}
