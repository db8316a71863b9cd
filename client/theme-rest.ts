import { css } from './css.ts'

/**
 * The part of the theme that only later-loaded code needs, and brings with it.
 *
 * @cssprop --stepcast-font-mono - Font of logs and stacks.
 * @cssprop --stepcast-sunken - Background of sunken areas, such as the log.
 * @cssprop --stepcast-field - Border of input fields.
 * @cssprop --stepcast-run-text - Text of what is running, links, the main button.
 * @cssprop --stepcast-bad-tint - Background of what has failed.
 * @cssprop --stepcast-bad-fill - Background of a button whose action cannot be undone.
 */
export const themeRest = css`
  :host {
    --_mono: var(--stepcast-font-mono, ui-monospace, monospace);
    --_sunken: var(--stepcast-sunken, light-dark(#fafbfc, #111419));
    --_field: var(--stepcast-field, light-dark(#8f97a6, #626b7a));
    --_run-text: var(--stepcast-run-text, light-dark(#2560d8, #6aa0ff));
    --_bad-bg: var(--stepcast-bad-tint, light-dark(#fdf1f0, #241416));
    --_bad-fill: var(--stepcast-bad-fill, #c8322b);
  }
`
