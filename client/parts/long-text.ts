import { html } from 'lit'
import type { Words } from '../words/words.ts'

/** Longer ones, in letters, are cut off after some lines until a reader asks for all. */
const LONG = 600

export function isLong(text: string): boolean {
  return text.length > LONG
}

/** Stands after a text of the class `long`, and opens it. */
export function wholePart({ showAll }: Words) {
  return html`<details class="whole note"><summary>${showAll}</summary></details>`
}
