import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { type Formats, formatsFor } from '../formats.ts'
import type { RequestError } from '../problem.ts'
import { wordsFor } from '../words/pick.ts'
import type { Words } from '../words/words.ts'
import { choose, chosen, LANGUAGES, speak } from './language.ts'
import { addressOfRuns, addressOfStart, addressOfStats } from './place.ts'
import { forgetToken, hasToken } from './session.ts'
import { pageWords } from './words/pick.ts'
import type { PageWords } from './words/words.ts'

/** What every page has: the navigation, the language, and the token. */
export abstract class Page extends LitElement {
  protected override createRenderRoot() {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    addEventListener('stepcast-token', this.#redraw)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener('stepcast-token', this.#redraw)
  }

  /** The current entry of the navigation. */
  protected abstract get here(): 'runs' | 'statistics' | 'start' | ''
  protected abstract get heading(): string
  protected abstract content(): TemplateResult

  protected get words(): PageWords {
    return pageWords.for(document.documentElement.lang)
  }

  protected get formats(): Formats {
    return formatsFor(wordsFor(document.documentElement.lang).language)
  }

  protected get elementWords(): Words {
    return wordsFor(document.documentElement.lang).words
  }

  protected override render() {
    return html`
      ${this.#nav()}
      <main>
        <h1 class="vh">${this.heading}</h1>
        ${this.content()}
      </main>
    `
  }

  protected override updated(): void {
    document.title = `${this.heading} · Stepcast`
  }

  #nav() {
    const { words } = this
    const link = (name: 'runs' | 'statistics', href: string, text: string) =>
      html`<a href=${href} aria-current=${this.here === name ? 'page' : nothing}>${text}</a>`
    return html`
      <header class="top">
        <nav aria-label="Stepcast">
          <a class="home" href=${addressOfRuns()}>Stepcast</a>
          ${link('runs', addressOfRuns(), words.runs)}
          ${link('statistics', addressOfStats, words.statistics)}
        </nav>
        ${hasToken() ? html`<button class="plain" @click=${forgetToken}>${words.forget}</button>` : nothing}
        <a class="button main" href=${addressOfStart()} aria-current=${this.here === 'start' ? 'page' : nothing}>${words.start}</a>
        <select aria-label=${words.language} @change=${this.#choose}>
          ${Object.entries(LANGUAGES).map(
            ([tag, name]) => html`<option value=${tag} lang=${tag} .selected=${chosen() === tag}>${name}</option>`,
          )}
        </select>
      </header>
    `
  }

  readonly #choose = async ({ target }: Event): Promise<void> => {
    await choose((target as HTMLSelectElement).value)
    this.requestUpdate()
  }

  readonly #redraw = (): void => this.requestUpdate()
}

/** The reason in the reader's language if the server cannot be reached, else the server's own. */
export function whyNot({ status, detail, message }: RequestError, words: PageWords): string {
  if (status === null || status >= 500) return words.unreachable
  return status === 403 ? words.forbidden(detail ?? '') : (detail ?? message)
}

/** Shows a page as soon as its words have loaded. */
export async function open(name: string, page: new () => Page): Promise<void> {
  await speak()
  customElements.define(name, page)
}
