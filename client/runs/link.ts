import { html, nothing } from 'lit'
import type { ShownRuns } from './shown.ts'

/** A more recent loss is shown without its time. */
const YOUNG_LOSS_MS = 10_000

/** The state of the connection. If what is shown may be out of date, it says since when. */
export function linkPart({ view, own, words, formats }: ShownRuns) {
  if (view === null) return nothing
  const { state, since } = view.connection
  const isOld = state === 'reconnecting' && Date.now() - since > YOUNG_LOSS_MS
  const said = state === 'closed' ? words.disconnected : words[state]
  const hint = state === 'polling' ? own.pollingHint : nothing
  return html`<span class="link ${state}" part="connection" title=${hint}>${isOld ? words.offlineSince(formats.clock(new Date(since).toISOString())) : said}</span>`
}
