import { html } from 'lit'
import type { Words } from '../words/words.ts'

/** A text with more characters than this is cut off after some lines until the reader opens it. */
const LONG = 600

export function isLong(text: string): boolean {
  return text.length > LONG
}

/** Follows a text of the class `long`, and opens it. */
export function wholePart({ showAll }: Words) {
  return html`<details class="whole note"><summary>${showAll}</summary></details>`
}
