import type { ReactiveController, ReactiveControllerHost } from 'lit'

/**
 * Whether somebody reads or is about to click: the pointer or the focus is in the rows, or their top is scrolled away.
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
    return this.#points || this.#focuses || this.#host.getBoundingClientRect().top < 0
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
