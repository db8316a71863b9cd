import { nothing, type ReactiveController } from 'lit'
import type { Branch } from '../outline.ts'
import type { Shown } from '../parts/shown.ts'
import type { Host } from './host.ts'
import { FOLDED_BEFORE_FAILURE, foldedSteps } from './rows.ts'

/** The row where the keyboard enters the list: the last one with the focus, or the row that it is folded into. */
export class Cursor implements ReactiveController {
  readonly #host: Host
  /** undefined: no row has had the focus yet. */
  #step: number | undefined
  /** Whether the focus was in a row before the element is drawn again. */
  #isInRow = false

  constructor(host: Host) {
    this.#host = host
    host.element.addController(this)
  }

  move({ id }: Element): void {
    this.#step = Number(id.slice(1))
    this.#host.element.requestUpdate()
  }

  forget(): void {
    this.#step = undefined
  }

  /** The step whose row it is now; undefined: none that is visible. */
  in(shown: Shown): number | undefined {
    const { row, hidden } = foldedSteps(shown, this.#host.doings)
    if (this.#step === FOLDED_BEFORE_FAILURE) return row === nothing ? undefined : FOLDED_BEFORE_FAILURE
    const reached = shown.branches.map((branch) => reach(branch, this.#step, shown))
    const at = reached.findIndex((step) => step !== undefined)
    return at >= 0 && at < hidden ? FOLDED_BEFORE_FAILURE : reached[at]
  }

  hostUpdate(): void {
    this.#isInRow = this.#focused?.closest('.step') != null
  }

  /** If the focused row is gone, the focus moves to the row that it is folded into, without scrolling the page. */
  hostUpdated(): void {
    if (!this.#isInRow || this.#focused?.checkVisibility()) return
    const row = this.#host.element.renderRoot.querySelector<HTMLElement>('.step[tabindex="0"]')
    row?.focus({ preventScroll: true })
  }

  get #focused(): Element | null {
    return this.#host.element.renderRoot.activeElement
  }
}

/** The step, or its closest visible ancestor if it is folded; undefined: it is not in this branch. */
function reach(branch: Branch, wanted: number | undefined, shown: Shown): number | undefined {
  const { step, children } = branch
  if (step.id === wanted) return wanted
  const below = children.map((child) => reach(child, wanted, shown)).find((found) => found !== undefined)
  return below === undefined || shown.isOpen(branch) ? below : step.id
}
