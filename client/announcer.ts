import type { ReactiveControllerHost } from 'lit'
import type { Milestone } from './milestones.ts'

/** The least time between two announcements. */
const PAUSE_MS = 2_000

/**
 * What a screen reader announces, politely: milestones, never ticks, and not the state that was there at first. A pause
 * goes on while the element moves within the page: else what it kept would never be announced.
 */
export class Announcer {
  /** The content of the one live region. */
  text = ''
  readonly #host: Pick<ReactiveControllerHost, 'requestUpdate'>
  #newest: string | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(host: Pick<ReactiveControllerHost, 'requestUpdate'>) {
    this.#host = host
  }

  /** During a pause only the newest milestone is kept, and announced after it; the end is announced at once. */
  tell({ text, isEnd }: Milestone): void {
    const isFirst = this.#newest === null
    if (text === this.#newest) return
    this.#newest = text
    if (isFirst || (this.#timer !== undefined && !isEnd)) return
    this.#say(text)
  }

  /** The next milestone counts as the first again. */
  forget(): void {
    this.#newest = null
    this.text = ''
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
