import { html } from 'lit'
import type { Voice } from './shown.ts'

/**
 * Replaces code that could not be loaded: usually it belongs to a version that the server no longer has, and a browser
 * does not request it again. Everything else continues to work.
 */
export function missingPart({ words }: Pick<Voice, 'words'>) {
  return html`
    <footer>
      <span class="who" role="status">${words.missing}</span>
      <button part="button" @click=${() => location.reload()}>${words.reload}</button>
    </footer>
  `
}
