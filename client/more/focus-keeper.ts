import type { LitElement, ReactiveController } from 'lit'
import { holdFocus } from '../hold-focus.ts'

/** When what has the focus goes, such as the button of a notice, the focus stays in the element, on its card. */
export class FocusKeeper implements ReactiveController {
  readonly #host: LitElement & { readonly renderRoot: ShadowRoot }
  /** Whether the focus was in the element before it is drawn again. */
  #isInside = false

  constructor(host: LitElement & { readonly renderRoot: ShadowRoot }) {
    this.#host = host
    host.addController(this)
  }

  hostUpdate(): void {
    this.#isInside = this.#host.renderRoot.activeElement !== null
  }

  hostUpdated(): void {
    const { renderRoot } = this.#host
    // of all that keep the focus it is the last, so whoever knows of a better place has moved it there
    if (!this.#isInside || renderRoot.activeElement) return
    holdFocus(renderRoot.querySelector('.card'), { preventScroll: true })
  }
}
