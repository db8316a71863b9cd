import { html } from 'lit'
// what the list is made of comes with the page, not when the element asks for it
import '../runs/list.ts'
import { StepcastRuns } from '../stepcast-runs.ts'
import { base, keepFilters } from './place.ts'
import { getToken } from './session.ts'
import { open, Page } from './shell.ts'

/** All runs, live. */
class HomePage extends Page {
  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('keydown', this.#onKey)
    addEventListener('popstate', keepFilters)
    keepFilters()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('keydown', this.#onKey)
    removeEventListener('popstate', keepFilters)
  }

  protected get here() {
    return 'runs' as const
  }

  protected get heading() {
    return this.words.runs
  }

  protected content() {
    return html`
      <stuck-panel></stuck-panel>
      <stepcast-runs src=${base} .getToken=${getToken} with-filters with-actions with-address @stepcast-filter=${keepFilters}></stepcast-runs>
    `
  }

  /** `/` goes to the search from wherever nothing is written. */
  readonly #onKey = (event: KeyboardEvent): void => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.defaultPrevented
    const isWriting = (event.composedPath()[0] as Element).matches?.('input:not([type=checkbox]), select, textarea')
    if (event.key !== '/' || !isPlain || isWriting) return
    event.preventDefault()
    this.querySelector('stepcast-runs')?.focusSearch()
  }
}

// not all elements: this page shows one
customElements.define('stepcast-runs', StepcastRuns)
await open('home-page', HomePage)
// comes after the list: nothing is shown of it until it has asked
import('./stuck-panel.ts').catch(() => {})
