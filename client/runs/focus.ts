import type { ReactiveController } from 'lit'
import { holdFocus } from '../hold-focus.ts'
import type { RunsHost } from './host.ts'

/** Keeps the focus in a list when what has it vanishes, such as a button that was pressed. */
export class Focus implements ReactiveController {
  readonly #host: RunsHost
  #at: Element | null = null
  /** What is below the rows, if the focus is there. */
  #below: HTMLElement | null = null
  /** Whether it is shown: a reader who points would be scrolled away, and the search opens the keyboard of a phone. */
  #isShown = false

  constructor(host: RunsHost) {
    this.#host = host
    host.addController(this)
  }

  hostUpdate(): void {
    this.#at = this.#root.activeElement
    this.#below = this.#at?.closest<HTMLElement>('.older') ?? null
    this.#isShown = this.#at?.matches(':focus-visible') ?? false
  }

  hostUpdated(): void {
    if (this.#at === null || this.#root.activeElement !== null) return
    const [below, isShown] = [this.#below, this.#isShown]
    // later: whoever made it vanish may know of a better place
    setTimeout(() => this.#find(below, isShown))
  }

  #find(below: HTMLElement | null, isShown: boolean): void {
    if (document.activeElement !== document.body) return
    const known = isShown ? this.#root.querySelector<HTMLElement>('#search, .row a') : null
    if (below?.isConnected) holdFocus(below, { preventScroll: !isShown })
    else if (known) known.focus()
    else holdFocus(this.#root.querySelector('.card'), { preventScroll: !isShown })
  }

  get #root(): ShadowRoot {
    return this.#host.renderRoot as ShadowRoot
  }
}
