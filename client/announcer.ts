import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { Milestone } from './milestones.ts'

/** A reader is told no more often than this. */
const PAUSE_MS = 2_000

/** What a screen reader is told, politely: milestones, never ticks, and not what was there when it came. */
export class Announcer implements ReactiveController {
  /** Goes into the one live region. */
  text = ''
  readonly #host: ReactiveControllerHost
  #newest: string | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  /** The newest of those that come during a pause is told after it; the end at once. */
  tell({ text, isEnd }: Milestone): void {
    const isFirst = this.#newest === null
    if (text === this.#newest) return
    this.#newest = text
    if (isFirst || (this.#timer !== undefined && !isEnd)) return
    this.#say(text)
  }

  /** What comes next is the first again. */
  forget(): void {
    this.#newest = null
    this.text = ''
    this.hostDisconnected()
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #say(text: string): void {
    this.text = text
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#resume(), PAUSE_MS)
    this.#host.requestUpdate()
  }

  #resume(): void {
    this.#timer = undefined
    if (this.#newest !== null && this.#newest !== this.text) this.#say(this.#newest)
  }
}
