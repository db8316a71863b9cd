import { html } from 'lit'
import type { DurationBucket } from '../../../db/contract.ts'
import type { RequestError } from '../../problem.ts'
import type { Speech } from '../speech.ts'
import { histogramOf } from './histogram.ts'
import type { Spread } from './rows.ts'

/** `durations` null: they are loading, or `error` is the reason why they did not arrive. */
export interface StepDurations {
  durations: DurationBucket[] | null
  error: RequestError | null
}

/** The row below an open step: how long the step takes in each run. */
export function openedStep(step: Spread, known: StepDurations, caption: string, speech: Speech) {
  return html`<tr class="opened"><td colspan="4"><div role="group" aria-label=${caption}>${drawing(step, known, caption, speech)}</div></td></tr>`
}

function drawing(step: Spread, { durations, error }: StepDurations, caption: string, speech: Speech) {
  const { words } = speech
  if (error !== null)
    return html`<p class="about" role="alert">${words.failedToLoad}: ${error.detail ?? words.unreachableHint}</p>`
  if (durations === null) return html`<p class="about" aria-busy="true"></p><span class="ghost plot"></span>`
  const { about, chart, table } = histogramOf(caption, durations, step, speech)
  return html`
    <p class="about">${about}</p>
    ${chart}
    <details>
      <summary>${words.asTable}</summary>
      <div class="scroll" tabindex="0" role="region" aria-label=${caption}>${table}</div>
    </details>
  `
}
