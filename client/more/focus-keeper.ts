import type { LitElement, ReactiveController } from 'lit'

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
    const card = renderRoot.querySelector<HTMLElement>('.card')
    // only until then: a card that could always have the focus would take it with each click
    card?.addEventListener('blur', () => card.removeAttribute('tabindex'), { once: true })
    card?.setAttribute('tabindex', '-1')
    card?.focus({ preventScroll: true })
  }
}
