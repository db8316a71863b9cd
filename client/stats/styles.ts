import { css } from '../css.ts'
import { themeRest } from '../theme-rest.ts'

const frame = css`
  :host { font: var(--_size) / var(--_leading) var(--_font); color: var(--_ink); white-space: normal; font-variant-numeric: tabular-nums }
  * { box-sizing: border-box; unicode-bidi: plaintext }
  :host(:dir(rtl)) :is(h2, h3, p, dt, dd, th) { text-align: right }
  :host(:dir(rtl)) :is(td, thead th:not(:first-child)) { text-align: left }
  h2, h3, p, dl, dd, fieldset { margin: 0; padding: 0; border: 0; font: inherit; min-inline-size: 0 }
  .vh { position: absolute; inline-size: 1px; block-size: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
  .soft, .n { color: var(--_soft) }
  :focus-visible { outline: 2px solid var(--_run); outline-offset: 2px }
  .stats { display: grid; gap: var(--_5); position: relative }
  .stats[aria-busy='true'] :is(.cards, .tiles) { opacity: .55 }
  .tile, .card { background: var(--_card); border: 1px solid var(--_line); border-radius: var(--_radius); min-inline-size: 0 }
  .card { padding: calc(3.5 * var(--_space)) var(--_4) var(--_4); display: grid; grid-template-columns: minmax(0, 1fr); align-content: start }
  h3 { font-weight: 600; overflow-wrap: anywhere }
  .about { color: var(--_soft); font-size: var(--_tiny); min-block-size: 20px }
  .card .about { display: flex; flex-wrap: wrap; gap: 0 var(--_3) }
  .notes { color: var(--_soft); font-size: var(--_tiny) }
`

const head = css`
  .head { display: flex; flex-wrap: wrap; gap: var(--_2) var(--_3); align-items: center }
  h2 { flex: 1 1 200px; font-size: var(--_large); line-height: 24px; font-weight: 600; display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 var(--_2); overflow-wrap: anywhere }
  h2 .soft { font-size: var(--_small); font-weight: 400 }
  .periods { display: flex; border: 1px solid var(--_field); border-radius: var(--_round); background: var(--_card); overflow: clip; overflow-clip-margin: 4px }
  .periods label { position: relative; cursor: pointer; display: flex }
  .periods span { padding: 5px var(--_3); font-size: var(--_small); color: var(--_soft); white-space: nowrap; border-radius: calc(var(--_round) - 1px) }
  .periods label:hover span { background: var(--_hover) }
  .periods input:checked + span { background: var(--_ink); color: var(--_card); font-weight: 500 }
  .periods input:focus-visible + span { outline: 2px solid var(--_run); outline-offset: 2px; position: relative }
  select, button { font: inherit; font-size: var(--_small); line-height: 20px; min-block-size: 32px; padding: 5px var(--_3); border-radius: var(--_round); border: 1px solid var(--_field); background: var(--_card); color: var(--_ink); cursor: pointer; max-inline-size: 100% }
  button:hover { background: var(--_hover) }
  .link { border: 0; padding: 0; min-block-size: 24px; background: none; color: var(--_run-text); text-align: start; overflow-wrap: anywhere }
  .link:hover { text-decoration: underline; background: none }
  .fold { border: 0; padding: 0 6px; margin-inline: -6px; min-block-size: 24px; background: none; color: inherit; font-size: inherit; text-align: start; overflow-wrap: anywhere }
  .chevron { display: inline; inline-size: 12px; block-size: 12px; vertical-align: -2px; fill: none; stroke: var(--_soft); stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round }
  [aria-expanded='true'] .chevron { rotate: 90deg }
  [aria-expanded='false'] .chevron:dir(rtl) { scale: -1 1 }
  .all { justify-self: start; margin-block-start: var(--_2) }
`

const tiles = css`
  .tiles { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: var(--_4) }
  .tile { min-block-size: 116px; padding: calc(3.5 * var(--_space)) var(--_4); display: grid; gap: 2px; align-content: start; grid-template-rows: auto auto 1fr }
  dt { color: var(--_soft); font-size: var(--_small) }
  .value { font-size: calc(var(--_size) + 8px); line-height: 30px; font-weight: 600; letter-spacing: -.015em; overflow-wrap: anywhere }
  .tile .about { color: var(--_faint); line-height: 16px; min-block-size: 32px; overflow-wrap: anywhere }
  .cards { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: var(--_5) }
  .wide { grid-column: 1 / -1 }
`

const charts = css`
  svg { display: block; inline-size: 100%; overflow: visible }
  .plot { display: grid; margin-block-start: var(--_space); direction: ltr }
  .max { font-size: var(--_tiny); line-height: 16px; min-block-size: 16px; color: var(--_faint) }
  .columns { block-size: var(--stepcast-chart-height, 120px); border-block: 1px solid var(--_line); border-block-end-color: var(--_field) }
  .bar:dir(rtl), .spread:dir(rtl) { scale: -1 1 }
  .columns rect { shape-rendering: crispEdges }
  .axis { block-size: 20px }
  .axis text { font-size: var(--_tiny); fill: var(--_faint) }
  .completed { fill: var(--_ok) }
  .failed, .ground { fill: var(--_bad) }
  .columns .failed { fill: url(#hatch) }
  .stripe { fill: var(--_card); opacity: .45 }
  .cancelled { fill: var(--_field) }
  .plain, .running { fill: var(--_run) }
  .range { fill: color-mix(in srgb, var(--_run) 75%, var(--_card)) }
  .tick { fill: var(--_ink); stroke: var(--_ink) }
  .columns .tick { stroke-width: 2 }
  .mark { stroke: var(--_ink); stroke-width: 1.5 }
  .mark.p95 { stroke-dasharray: 4 3 }
  .track { fill: var(--_track) }
  .base { stroke: var(--_edge) }
  .spread .tick { stroke: none }
  .spread { block-size: 14px }
  .bar { block-size: 8px }
  .key { display: inline-flex; align-items: center; gap: 6px }
  .key::before { content: ''; inline-size: 10px; block-size: 10px; border-radius: 2px; background: var(--_key) }
  .key.completed { --_key: var(--_ok) }
  .key.failed { --_key: repeating-linear-gradient(135deg, var(--_bad) 0 2px, color-mix(in srgb, var(--_bad) 50%, var(--_card)) 2px 4px) }
  .key.cancelled { --_key: var(--_field) }
  .key.p50::before { inline-size: 2px; background: var(--_ink) }
  .key.p95::before { inline-size: 2px; block-size: 12px; border-radius: 0; background: repeating-linear-gradient(var(--_ink) 0 3px, transparent 3px 5px) }
  .key.range { --_key: linear-gradient(to top, var(--_ink) 0 2px, color-mix(in srgb, var(--_run) 75%, var(--_card)) 3px) }
`

const tables = css`
  details { margin-block-start: var(--_2); font-size: var(--_small) }
  summary { color: var(--_soft); cursor: pointer; padding-block: 3px; inline-size: fit-content; font-size: var(--_tiny) }
  .scroll { max-block-size: 280px; overflow: auto; margin-block-start: var(--_2); border: 1px solid var(--_line); border-radius: var(--_round) }
  table { inline-size: 100%; border-collapse: collapse; font-size: var(--_small) }
  th { text-align: start; font-weight: 400; padding: var(--_space) var(--_2) }
  td, thead th:not(:first-child) { text-align: end; white-space: nowrap; word-break: keep-all; padding: var(--_space) var(--_2) }
  thead th { color: var(--_soft); font-size: var(--_tiny); vertical-align: bottom }
  .scroll thead th { position: sticky; inset-block-start: 0; background: var(--_card); white-space: normal }
  .scroll tbody th { white-space: nowrap }
  .scroll tbody tr { border-block-start: 1px solid var(--_line) }
  .drawn { margin-block-start: var(--_space) }
  .drawn :is(th, td):first-child { padding-inline-start: 0 }
  .drawn :is(th, td):last-child { padding-inline-end: 0 }
  .drawn tbody th { inline-size: 100% }
  .drawn .scroll :is(th, td) { padding-inline: var(--_2); inline-size: auto }
  .opened > td > div { max-inline-size: 620px }
  .drawn .opened > td { padding: var(--_space) 0 var(--_4); text-align: start; white-space: normal }
  .drawn td { min-inline-size: 76px }
  .drawn td.n { min-inline-size: 56px }
  .named { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 2fr); gap: 2px var(--_4); align-items: center }
  .name { overflow-wrap: anywhere; min-inline-size: 0 }
  .name .soft { font-size: var(--_tiny) }
  .below .name { padding-inline-start: var(--_4); color: var(--_soft) }
  .drawn .few { white-space: normal; color: var(--_soft); font-size: var(--_tiny); line-height: 16px; min-inline-size: 152px }
`

const notices = css`
  .notice { padding: calc(10 * var(--_space)) var(--_5); justify-items: center; gap: var(--_space); text-align: center; min-block-size: 200px; align-content: center }
  .notice p { color: var(--_soft); max-inline-size: 44ch; overflow-wrap: anywhere }
  .notice button { margin-block-start: var(--_3) }
  .stale { display: flex; flex-wrap: wrap; gap: var(--_2) var(--_3); align-items: center; justify-content: space-between; font-size: var(--_small); border: 1px solid var(--_warn); border-radius: var(--_round); padding: var(--_2) var(--_3) }
  .ghost { display: block; block-size: 12px; margin-block: 4px; border-radius: 6px; background: var(--_track); inline-size: 70% }
  .ghost.short { inline-size: 40% }
  .ghost.big { block-size: 20px; inline-size: 30%; margin-block: 5px }
  .ghost.plot { inline-size: 100%; block-size: calc(var(--stepcast-chart-height, 120px) + 36px); margin-block: 6px 36px }
`

const conditions = css`
  @container (max-width: 760px) {
    .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)) }
    .cards { grid-template-columns: minmax(0, 1fr) }
  }
  @container (max-width: 460px) {
    .tiles { gap: var(--_2) }
    .tile, .card { padding-inline: var(--_3) }
    .named { grid-template-columns: minmax(0, 1fr) }
    .periods, select { flex: 1 1 100% }
    .periods label { flex: 1 }
    .periods span { flex: 1; text-align: center; padding-inline: var(--_space) }
    .drawn td, .drawn td.n { white-space: normal; padding-inline: 6px; min-inline-size: 0 }
    .drawn tbody th { min-inline-size: 96px }
    .drawn .few { min-inline-size: 84px }
  }
  @media (prefers-reduced-motion: no-preference) {
    .tiles, .cards { transition: opacity .2s }
  }
  @media (forced-colors: active) {
    svg { forced-color-adjust: none }
    .completed, .failed, .plain, .running { fill: CanvasText }
    .range { fill: Canvas; stroke: CanvasText }
    .ground { fill: Canvas }
    .columns .failed { stroke: CanvasText }
    .stripe { fill: CanvasText; opacity: 1 }
    .cancelled { fill: Canvas; stroke: CanvasText }
    .tick { fill: Highlight; stroke: Highlight }
    .mark { stroke: Highlight }
    .base { stroke: CanvasText }
    .track { fill: Canvas; stroke: GrayText }
    .axis text { fill: CanvasText }
    .key::before { forced-color-adjust: none; border: 1px solid CanvasText; background: CanvasText }
    .key.failed::before { background: repeating-linear-gradient(135deg, CanvasText 0 2px, Canvas 2px 4px) }
    .key:is(.p50, .p95)::before { border: 0; background: Highlight }
    .key:is(.cancelled, .range)::before { background: Canvas }
    .periods input:checked + span { forced-color-adjust: none; background: Highlight; color: HighlightText }
  }
`

export const styles = [themeRest, frame, head, tiles, charts, tables, notices, conditions]
