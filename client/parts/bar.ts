import { svg } from 'lit'

/** The filled part, 0–100. As an SVG attribute: a `style` attribute would be refused by a strict CSP. */
export function fillPart(percent: number) {
  return svg`<rect part="bar-fill" width="${percent}%" height="100%" rx="3" />`
}
