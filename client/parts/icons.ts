import { html, svg, type TemplateResult } from 'lit'
import type { StepStatus } from '../../db/contract.ts'

export const ring = svg`<circle cx="8" cy="8" r="6.7"/>`

/** Distinguished by shape, not only by colour. */
const shapes: Record<StepStatus, TemplateResult<2>> = {
  completed: svg`${ring}<path d="m5.2 8.2 1.9 1.9 3.7-4"/>`,
  running: svg`<circle cx="8" cy="8" r="6.6" opacity=".25"/><path d="M8 1.4a6.6 6.6 0 0 1 6.6 6.6"/>`,
  failed: svg`${ring}<path d="m5.7 5.7 4.6 4.6m0-4.6-4.6 4.6"/>`,
  pending: svg`<circle cx="8" cy="8" r="6.7" stroke-dasharray="2 2.2"/>`,
  skipped: svg`${ring}<path d="M5 8h6"/>`,
  cancelled: svg`${ring}<path d="m3.4 12.6 9.2-9.2"/>`,
}

const chevron = svg`<path d="m6 4 4 4-4 4"/>`

export function statusIcon(status: StepStatus): TemplateResult {
  return icon(shapes[status], status)
}

export function chevronIcon(): TemplateResult {
  return icon(chevron, 'chevron')
}

export function icon(shape: TemplateResult<2>, name: string): TemplateResult {
  return html`<svg class="icon ${name}" viewBox="0 0 16 16" aria-hidden="true" part="icon icon-${name}">${shape}</svg>`
}
