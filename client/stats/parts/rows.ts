import { html, nothing, svg } from 'lit'
import { exactly, FEWEST_FOR_P50, FEWEST_FOR_P95, type Speech } from '../speech.ts'

/** A name with a drawing: side by side or, if there is little room, one above the other. */
export function namedPart(name: unknown, about: string, drawing: unknown) {
  return html`
    <th scope="row">
      <div class="named">
        <span class="name">${name}${about && html` <span class="soft">${about}</span>`}</span>
        ${drawing}
      </div>
    </th>
  `
}

/** A table whose rows also have drawings. */
export function drawnTable(caption: string, head: unknown[], rows: unknown) {
  const [name, ...others] = head
  return html`
    <table class="drawn" part="table">
      <caption class="vh">${caption}</caption>
      <thead><tr><th scope="col">${name}</th>${others.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
      <tbody>${rows}</tbody>
    </table>
  `
}

/** `share`: from 0 to 1. */
export function barPart(share: number, kind: string) {
  return html`<svg class="bar" part="chart" aria-hidden="true">
    <rect class="track" width="100%" height="100%" rx="4" /><rect class=${kind} width="${Math.max(1, share * 100)}%" height="100%" rx="4" />
  </svg>`
}

export interface Spread {
  completed: number
  p50Duration: number | null
  p95Duration: number | null
}

/** The percentiles that enough runs stand behind; null: too few. */
export function standing({ completed, p50Duration, p95Duration }: Spread) {
  return {
    p50: completed < FEWEST_FOR_P50 ? null : p50Duration,
    p95: completed < FEWEST_FOR_P95 ? null : p95Duration,
  }
}

/** p50 as a tick, p95 as the end of a bar, on a scale from 0 to `max`. */
export function spreadPart(row: Spread, max: number) {
  const { p50, p95 } = standing(row)
  const place = (ms: number | null) => (max === 0 ? 0 : (100 * (ms ?? 0)) / max)
  const from = place(p50)
  return html`<svg class="spread" part="chart" aria-hidden="true">
    <line class="base" x1="0" x2="100%" y1="7" y2="7" />
    ${
      p95 === null
        ? nothing
        : svg`<rect class="range" x="${from}%" y="3" width="${Math.max(0.5, place(p95) - from)}%" height="8" rx="4" />`
    }
    ${p50 === null ? nothing : svg`<rect class="tick" x="${Math.min(99, from)}%" y="0" width="3" height="14" rx="1.5" />`}
  </svg>`
}

/** The cells p50, p95 and n, or why there are no numbers. */
export function spreadCells(row: Spread, { ms, words, formats }: Speech) {
  const { completed } = row
  const { p50, p95 } = standing(row)
  const n = html`<td class="n">${exactly(completed, formats.number)}</td>`
  if (p50 === null) {
    return html`<td class="few" colspan="2">${words.tooFew(completed, formats.number(completed))}</td>${n}`
  }
  return html`<td>${exactly(p50, ms)}</td><td>${exactly(p95, ms)}</td>${n}`
}

/** The meaning of the bars, and why some are missing. */
export function spreadAbout(rows: Spread[], { words, formats }: Speech): string {
  const isShort = rows.some(({ completed }) => completed >= FEWEST_FOR_P50 && completed < FEWEST_FOR_P95)
  return isShort ? `${words.p50ToP95} · ${words.p95Needs(formats.number(FEWEST_FOR_P95))}` : words.p50ToP95
}

/** The value at the end of the longest bar. */
export function longestOf(rows: Spread[]): number {
  const ends = rows.map(standing).map(({ p50, p95 }) => p95 ?? p50 ?? 0)
  return Math.max(0, ...ends)
}

/** The heading of the column with the number of runs behind the others; `label`: what screen readers call it. */
export function countHead(label: string) {
  return html`<span aria-hidden="true">n</span><span class="vh">${label}</span>`
}
