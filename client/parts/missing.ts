import { html } from 'lit'
import type { Voice } from './shown.ts'

/**
 * In place of what was to be loaded now and cannot be: most often it is of a version that the server has no more, and a
 * browser does not ask for it again. All else goes on.
 */
export function missingPart({ words }: Pick<Voice, 'words'>) {
  return html`
    <footer>
      <span class="who" role="status">${words.missing}</span>
      <button part="button" @click=${() => location.reload()}>${words.reload}</button>
    </footer>
  `
}
