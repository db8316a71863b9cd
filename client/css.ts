import { type CSSResult, unsafeCSS } from 'lit'

/**
 * Styles without interpolation. Lit's own tag would bring code for checking interpolated values, and there are none.
 */
export function css([text = '']: TemplateStringsArray): CSSResult {
  return unsafeCSS(text)
}
