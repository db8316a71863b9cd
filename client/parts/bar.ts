import { svg } from 'lit'

/** The filled part, 0–100. It is an SVG attribute, because a strict CSP refuses `style` attributes. */
export function fillPart(percent: number) {
  return svg`<rect part="bar-fill" width="${percent}%" height="100%" rx="3" />`
}
