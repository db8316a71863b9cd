import type { LitElement, ReactiveController } from 'lit'
import { holdFocus } from '../hold-focus.ts'

/** When a notice goes while the focus is on its button, the focus stays in the element, on its card. */
export class FocusKeeper implements ReactiveController {
  readonly #host: LitElement & { readonly renderRoot: ShadowRoot }
  /** Whether the focus was in a notice before the element is drawn again. */
  #isInNotice = false

  constructor(host: LitElement & { readonly renderRoot: ShadowRoot }) {
    this.#host = host
    host.addController(this)
  }

  hostUpdate(): void {
    this.#isInNotice = this.#host.renderRoot.querySelector('.notice :focus, .refusal :focus') !== null
  }

  hostUpdated(): void {
    const { renderRoot } = this.#host
    if (!this.#isInNotice || renderRoot.activeElement) return
    holdFocus(renderRoot.querySelector('.card'), { preventScroll: true })
  }
}
