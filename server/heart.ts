import type { Watcher } from './watcher.ts'

/** Everyone is looked at twice within the 15 seconds that nobody is left without a word for. */
const ROUND_MS = 7_000
/** How often in a round some of all are looked at. Ten thousand beats at once take a third of a second, and what is new waits for them. */
const LOOKS = 28

/** Tells those who watch what is quiet that their connection lives. */
export class Heart {
  readonly #watchers: ReadonlySet<Watcher>
  #round: Iterator<Watcher>
  readonly #timer: NodeJS.Timeout

  constructor(watchers: ReadonlySet<Watcher>) {
    this.#watchers = watchers
    this.#round = watchers.values()
    this.#timer = setInterval(() => this.#look(), ROUND_MS / LOOKS).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** The iterator of a set knows of those who come and go meanwhile. */
  #look(): void {
    for (let left = Math.ceil(this.#watchers.size / LOOKS); left > 0; left--) {
      const { value: watcher, done } = this.#round.next()
      if (done) {
        this.#round = this.#watchers.values()
        return
      }
      watcher.beat()
    }
  }
}
