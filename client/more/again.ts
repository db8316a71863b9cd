import { html, nothing } from 'lit'
import type { More, Shown } from '../parts/shown.ts'
import { moreOf } from '../words/more.ts'

/** Runs again what has failed or was cancelled. */
export function againPart({ run, words }: Shown, more: Pick<More, 'asking' | 'askRetry'>) {
  if (run.status === 'completed') return nothing
  const { asking } = more
  const pending = asking.state === 'pending' ? asking.type : null
  const { retry, retrying } = moreOf(words)
  return html`
    <button class="main" id="act" part="button button-main" aria-disabled=${pending !== null} @click=${() => more.askRetry(null)}>
      ${pending === 'retry' ? retrying : retry}
    </button>
  `
}
