import { svg, type TemplateResult } from 'lit'
import { icon, ring } from '../parts/icons.ts'

const clock = svg`${ring}<path d="M8 4.6V8l2.2 1.6"/>`

export function clockIcon(): TemplateResult {
  return icon(clock, 'waiting')
}
