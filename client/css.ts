import { type CSSResult, unsafeCSS } from 'lit'

/** Styles that stand as they are. Lit's own tag would bring what it says of what is put into them, and nothing is. */
export function css([text = '']: TemplateStringsArray): CSSResult {
  return unsafeCSS(text)
}
