import { html, LitElement, nothing } from 'lit'
import type { Run } from '../../db/contract.ts'
import { define } from '../define.ts'
import { localized } from '../languages.ts'
import { loadWords } from '../words/pick.ts'
import { addressOf, base, runInAddress } from './place.ts'
import { RecentRuns } from './recent-runs.ts'
import { StartForm } from './start-form.ts'
import { pageLanguage, pageWordsFor } from './words.ts'

/** The whole page: start a run, see the recent ones, watch one. */
class StepcastPage extends LitElement {
  #chosen = runInAddress(location.pathname)
  /** Shown where the address names none. */
  #newest: string | null = null
  /** null: the list has not come yet, so nobody can say that there is none. */
  #runs: Run[] | null = null

  protected override createRenderRoot() {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    addEventListener('popstate', this.#readAddress)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener('popstate', this.#readAddress)
  }

  protected override render() {
    const shown = this.#chosen ?? this.#newest
    return html`
      <nav><a href=${addressOf(null)} @click=${this.#goHome}>Stepcast</a></nav>
      <main class=${this.#chosen === null ? nothing : 'asked'}>
        <h1 class="vh">Stepcast</h1>
        <start-form @started=${({ detail }: CustomEvent<Run>) => this.#started(detail)}></start-form>
        <div class="run">${this.#runPart(shown)}</div>
        <recent-runs
          .chosen=${shown}
          @choose=${({ detail }: CustomEvent<string>) => this.#choose(detail)}
          @listed=${({ detail }: CustomEvent<Run[]>) => this.#listed(detail)}
        ></recent-runs>
      </main>
    `
  }

  protected override updated(): void {
    const run = this.#runs?.find(({ id }) => id === this.#chosen)
    const name = run ? `${localized(run.displayNames, document.documentElement.lang, run.displayName)} · ` : ''
    document.title = `${name}Stepcast`
  }

  #runPart(shown: string | null) {
    const words = pageWordsFor(document.documentElement.lang)
    if (shown === null && this.#runs === null) return html`<section class="card blank" aria-busy="true"></section>`
    if (shown === null) {
      return html`<section class="card blank"><h2>${words.noRuns}</h2><p class="soft">${words.noRunsHint}</p></section>`
    }
    return html`<stepcast-run src=${base || nothing} run-id=${shown} with-logs with-actions></stepcast-run>`
  }

  #started(run: Run): void {
    this.#choose(run.id)
    this.querySelector<RecentRuns>('recent-runs')?.refresh()
  }

  #choose(run: string | null): void {
    if (run !== this.#chosen) history.pushState(null, '', addressOf(run))
    this.#readAddress()
  }

  readonly #goHome = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    this.#choose(null)
  }

  readonly #readAddress = (): void => {
    this.#chosen = runInAddress(location.pathname)
    this.requestUpdate()
  }

  #listed(runs: Run[]): void {
    this.#runs = runs
    this.#newest = runs[0]?.id ?? null
    this.requestUpdate()
  }
}

// the address changes without a load: what is relative in the head would then point elsewhere
for (const link of document.querySelectorAll('link')) link.setAttribute('href', link.href)
document.documentElement.lang = pageLanguage(navigator.languages)
await loadWords(document.documentElement.lang)
define()
customElements.define('start-form', StartForm)
customElements.define('recent-runs', RecentRuns)
customElements.define('stepcast-page', StepcastPage)
