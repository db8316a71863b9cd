import { html, nothing, svg } from 'lit'

interface Block {
  /** Distinguished by pattern and position, not only by colour. */
  kind: 'completed' | 'failed' | 'cancelled' | 'range' | 'plain'
  from: number
  to: number
}

export interface Columns {
  /** From left to right; the blocks of each from the bottom up. */
  columns: Block[][]
  /** The value at the full height. */
  max: number
  maxLabel: string
  /** A thin line across each column; null: none. */
  ticks?: (number | null)[]
  /** Vertical lines; `at` in columns from the left. */
  marks?: { kind: string; at: number }[]
  /** Below the first, the middle and the last column. */
  labels: [string, string, string]
}

/** Fewer columns than this do not fill the width, so that none becomes too wide. */
const FEWEST = 7
/** The least height of a block, so that it is visible. */
const LOWEST = 2
const HATCH = svg`
  <defs>
    <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect class="ground" width="5" height="5" /><rect class="stripe" width="1.5" height="5" />
    </pattern>
  </defs>`

/**
 * Columns side by side; the table beside them has the numbers. All sizes are SVG attributes, because a strict CSP
 * refuses `style`.
 */
export function columnsPart({ columns, max, maxLabel, ticks, marks = [], labels }: Columns) {
  const slots = Math.max(columns.length, FEWEST)
  const slot = 100 / slots
  const height = (value: number) => (max === 0 ? 0 : (value / max) * 100)
  const blocks = columns.map((column, index) =>
    column.map(({ kind, from, to }) => {
      const tall = to > from ? Math.max(LOWEST, height(to - from)) : 0
      const y = Math.max(0, 100 - height(from) - tall)
      return svg`<rect class=${kind} x="${(index + 0.12) * slot}%" y="${y}%" width="${0.76 * slot}%" height="${tall}%" />`
    }),
  )
  const across = ticks?.map((tick, index) =>
    tick === null
      ? nothing
      : svg`<line class="tick" x1="${(index + 0.06) * slot}%" x2="${(index + 0.94) * slot}%" y1="${100 - height(tick)}%" y2="${100 - height(tick)}%" />`,
  )
  const lines = marks.map(
    ({ kind, at }) => svg`<line class="mark ${kind}" x1="${at * slot}%" x2="${at * slot}%" y1="0" y2="100%" />`,
  )
  return html`
    <div class="plot" part="chart" aria-hidden="true">
      <span class="max">${maxLabel}</span>
      <svg class="columns">${HATCH}${blocks}${across}${lines}</svg>
      <svg class="axis">${axis(labels, columns.length, slots)}</svg>
    </div>
  `
}

/** The first label starts where its column does, the last one ends where its column does. */
function axis(labels: [string, string, string], count: number, slots: number) {
  const end = (count / slots) * 100
  const [first, middle, last] = labels
  const isShort = count <= FEWEST / 2
  return [
    svg`<text x="0" y="14">${first}</text>`,
    isShort ? nothing : svg`<text x="${end / 2}%" y="14" text-anchor="middle">${middle}</text>`,
    count > 1 ? svg`<text x="${end}%" y="14" text-anchor=${isShort ? 'start' : 'end'}>${last}</text>` : nothing,
  ]
}
