import { type CSSResult, unsafeCSS } from 'lit'

/** Several styles as one. */
export function joined(...styles: CSSResult[]): CSSResult {
  return unsafeCSS(styles.join(''))
}
