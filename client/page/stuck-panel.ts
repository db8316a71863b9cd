import { html, LitElement, nothing } from 'lit'
import type { StuckRun } from '../../db/contract.ts'
import { formatsFor } from '../formats.ts'
import { localized } from '../languages.ts'
import { addressOfRun } from './place.ts'
import { readStuck } from './requests.ts'
// loaded already; imported so that what all pages share stays in one chunk
import './shell.ts'
import { pageWords } from './words/pick.ts'

const REFRESH_MS = 15_000
const SHOWN = 5

/** The runs that make no progress; nothing if there are none. */
class StuckPanel extends LitElement {
  #stuck: StuckRun[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  protected override createRenderRoot() {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('visibilitychange', this.#refresh)
    this.#refresh()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('visibilitychange', this.#refresh)
    clearTimeout(this.#timer)
  }

  protected override render() {
    const { lang } = document.documentElement
    const words = pageWords.for(lang)
    const formats = formatsFor(lang)
    const count = this.#stuck.length
    if (count === 0) return nothing
    return html`
      <section class="card stuck" aria-labelledby="stuck">
        <h2 id="stuck">${words.stuck(count, formats.number(count))}</h2>
        <ul>
          ${this.#stuck.slice(0, SHOWN).map(
            (stuck) => html`
              <li>
                <a href=${addressOfRun(stuck.id)}>${localized(stuck.displayNames, lang, stuck.displayName)}</a>
                <span class="soft">${[stuck.workflow, stuck.key].filter(Boolean).join(' · ')}</span>
                <span class="why">${words.stuckBecause(stuck)}</span>
                <time class="soft" datetime=${stuck.since}>${words.since(formats.time(stuck.since))}</time>
              </li>
            `,
          )}
        </ul>
      </section>
    `
  }

  readonly #refresh = async (): Promise<void> => {
    clearTimeout(this.#timer)
    if (document.visibilityState !== 'visible') return
    // if this request is refused or fails, the list of the page says why
    this.#stuck = await readStuck().catch(() => this.#stuck)
    if (!this.isConnected) return
    this.#timer = setTimeout(this.#refresh, REFRESH_MS)
    this.requestUpdate()
  }
}

customElements.define('stuck-panel', StuckPanel)
