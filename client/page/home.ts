import { html } from 'lit'
// the code of the list loads with the page, not when the element requests it
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

  /** `/` moves to the search, except while the reader is typing elsewhere. */
  readonly #onKey = (event: KeyboardEvent): void => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.defaultPrevented
    const isWriting = (event.composedPath()[0] as Element).matches?.('input:not([type=checkbox]), select, textarea')
    if (event.key !== '/' || !isPlain || isWriting) return
    event.preventDefault()
    this.querySelector('stepcast-runs')?.focusSearch()
  }
}

// only the one element that this page shows
customElements.define('stepcast-runs', StepcastRuns)
await open('home-page', HomePage)
// loads after the list: it shows nothing before its first request
import('./stuck-panel.ts').catch(() => {})
