import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { parentOf } from '../languages.ts'

/**
 * Whether somebody is reading or about to click: the pointer or the focus is in the rows, or their top is scrolled
 * away.
 */
export class Reader implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement
  #points = false
  #focuses = false

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host
    host.addController(this)
  }

  get reads(): boolean {
    return this.#points || this.#focuses || this.#isScrolledAway()
  }

  /** Scrolled out of the window, or out of a scrolling box around it. */
  #isScrolledAway(): boolean {
    const { top } = this.#host.getBoundingClientRect()
    const isAbove = (box: Element) => box.scrollTop > 0 && top < box.getBoundingClientRect().top
    for (let box = parentOf(this.#host); box; box = parentOf(box)) if (isAbove(box)) return true
    return top < 0
  }

  hostDisconnected(): void {
    this.#points = this.#focuses = false
  }

  readonly enter = (): void => {
    this.#points = true
  }

  readonly leave = (): void => {
    this.#points = false
    this.#host.requestUpdate()
  }

  readonly focus = (): void => {
    this.#focuses = true
  }

  readonly blur = (): void => {
    this.#focuses = false
    this.#host.requestUpdate()
  }
}
