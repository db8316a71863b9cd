import { html, nothing } from 'lit'
import type { Step } from '../../db/contract.ts'
import type { Chosen, Shown } from '../parts/shown.ts'
import { moreOf } from '../words/more.ts'
import type { Host } from './host.ts'
import { walk } from './keys.ts'
import { findPath, placeIn } from './place.ts'
import { FOLDED_BEFORE_FAILURE } from './rows.ts'
import { isToldBelow } from './told.ts'

/** From this many steps on, a single failure gets a button that leads to it. */
const MANY = 12

/** Moves to a row: the next failure, the one in the address, or the one that an arrow key points to. */
export class Finder {
  readonly #host: Host
  readonly #choose: (chosen: Chosen) => void
  /** The fragment that was last followed. */
  #place = ''

  constructor(host: Host, choose: (chosen: Chosen) => void) {
    this.#host = host
    this.#choose = choose
    host.element.addController({
      hostConnected: () => addEventListener('hashchange', this.#followAddress),
      hostDisconnected: () => removeEventListener('hashchange', this.#followAddress),
      hostUpdated: this.#followAddress,
    })
  }

  /** A button to the next failure, if there are several or the only one may be out of sight. */
  part(shown: Shown) {
    const failures = failuresIn(shown)
    if (failures.length === 0 || (failures.length === 1 && shown.view.steps.length < MANY)) return nothing
    const count = shown.formats.number(failures.length)
    return html`
      <div class="failures">
        <button part="button" aria-keyshortcuts="n" @click=${() => this.press('n', null)}>
          ${moreOf(shown.words).failures(failures.length, count)}
        </button>
      </div>
    `
  }

  press(key: string, on: HTMLElement | null): void {
    const { renderRoot } = this.#host.element
    if (key === 'n' || key === 'p') this.#goToFailure(key === 'n' ? 1 : -1, on)
    else if (on) walk(key, on, renderRoot, (row) => this.#focus(row))
  }

  readonly #followAddress = (): void => {
    const { hash } = location
    if (!this.#host.element.withLinks || !this.#host.shown() || hash === this.#place) return
    this.#place = hash
    this.#open(hash)
  }

  async #open(hash: string): Promise<void> {
    const place = placeIn(hash)
    const { view } = this.#host.shown() ?? {}
    if (!place || !view) return
    const path = findPath(place.step ?? [], view.steps)
    const step = path.at(-1)
    if (step && place.attempt !== null) this.#choose({ step: step.id, attempt: place.attempt })
    if (place.line !== null) this.#host.openLine(place.line)
    await this.#show(path)
  }

  #goToFailure(direction: 1 | -1, from: HTMLElement | null): void {
    const shown = this.#host.shown()
    if (!shown) return
    const failures = failuresIn(shown)
    const at = failures.findIndex((path) => `s${path.at(-1)?.id}` === from?.id)
    const next = at < 0 && direction < 0 ? failures.length - 1 : (at + direction + failures.length) % failures.length
    this.#show(failures[next] ?? [])
  }

  /** Closes what hides the row, opens all steps above it, then moves to it. */
  async #show(path: Step[]): Promise<void> {
    const step = path.at(-1)
    if (!step) return
    const { element, doings } = this.#host
    if (this.#host.shown()?.waterfallOpen) await doings.toggleWaterfall(false)
    for (const { id } of path.slice(0, -1)) doings.toggle(id, true)
    await element.updateComplete
    if (this.#rowOf(step)?.closest('[hidden]')) doings.toggle(FOLDED_BEFORE_FAILURE, true)
    await element.updateComplete
    const row = this.#rowOf(step)
    if (row) this.#focus(row)
  }

  #rowOf({ id }: Step): HTMLElement | null {
    return this.#host.element.renderRoot.querySelector<HTMLElement>(`#s${id}`)
  }

  #focus(row: HTMLElement): void {
    row.focus({ preventScroll: true })
    row.scrollIntoView({ block: 'nearest' })
  }
}

/** Each failed step with its ancestors, top first; a step is left out if one of its sub-steps shows its failure. */
function failuresIn({ branches }: Shown): Step[][] {
  const below = (list: Shown['branches'], above: Step[]): Step[][] =>
    list.flatMap((branch) => {
      const path = [...above, branch.step]
      const isOwn = branch.step.status === 'failed' && !isToldBelow(branch.step.error, branch)
      return [...(isOwn ? [path] : []), ...below(branch.children, path)]
    })
  return below(branches, [])
}
