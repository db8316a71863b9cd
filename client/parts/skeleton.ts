import { html, nothing } from 'lit'
import type { RunView } from '../stream.ts'
import { connectionPart } from './connection.ts'
import type { Voice } from './shown.ts'

/** Placeholders in the shape of what will follow, so that nothing moves when it arrives. */
export function skeletonPart(view: RunView | null, voice: Omit<Voice, 'clock'>) {
  const row = html`<li class="step pending"><span class="ghost dot"></span><span class="ghost"></span></li>`
  return html`
    <header aria-busy="true">
      <div class="top"><span class="ghost title"></span></div>
      <div class="bar"></div>
      <div class="meta"><span></span>${view === null ? nothing : connectionPart(view, voice)}</div>
    </header>
    <ol class="steps" aria-hidden="true">
      ${[row, row, row]}
    </ol>
  `
}
