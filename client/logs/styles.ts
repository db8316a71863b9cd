import { css } from '../css.ts'
import { joined } from '../joined.ts'
import { themeRest } from '../theme-rest.ts'

const tools = css`
  .logs { border-block-start: 1px solid var(--_line); position: relative }
  .tools { display: flex; flex-wrap: wrap; gap: var(--_2); padding: var(--_3) var(--_5) 0; align-items: center }
  .search { display: flex; flex: 1 1 200px; gap: var(--_2); align-items: center; min-inline-size: 0; font-size: var(--_tiny) }
  .search button { padding-inline: var(--_2) }
  .search .soft { white-space: nowrap }
  input, select { font: inherit; font-size: var(--_small); line-height: 20px; min-block-size: 32px; padding: 5px var(--_2); border-radius: var(--_round); border: 1px solid var(--_field); background: var(--_card); color: var(--_ink); min-inline-size: 0 }
  input { flex: 1 }
  select { max-inline-size: 160px }
  ::placeholder { color: var(--_faint); opacity: 1 }
  .about { padding: var(--_2) var(--_5); font-size: var(--_tiny); line-height: 18px }
  .to-end { position: absolute; inset-block-end: var(--_3); inset-inline-end: var(--_5) }
`

const lines = css`
  .log { background: var(--_sunken); border-block-start: 1px solid var(--_line); block-size: var(--stepcast-log-height, 320px); overflow: auto; padding: var(--_2) var(--_5); font: var(--_tiny)/18px var(--_mono); contain: strict; direction: ltr; text-align: left }
  .log:focus-visible { outline-offset: -2px }
  .line { display: flex; gap: var(--_3); min-inline-size: min-content }
  .line > * { flex: none }
  .line.error { margin: 0 }
  .no { color: var(--_faint); min-inline-size: 5ch; text-align: end; text-decoration: none; user-select: none }
  a.no:hover { text-decoration: underline }
  time { color: var(--_faint) }
  .of { color: var(--_soft); inline-size: clamp(10ch, 14cqi, 20ch); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-style: normal }
  .of[aria-hidden] { color: var(--_faint) }
  .stepless .of { display: none }
  .line b { color: var(--_faint); font-weight: 600; inline-size: 5ch; visibility: hidden; text-transform: uppercase }
  .text { white-space: pre; min-inline-size: 0 }
  .wraps .text { flex: 1; white-space: pre-wrap; overflow-wrap: anywhere }
  .debug .text { color: var(--_soft) }
  .warn b, .line.error b { visibility: visible }
  .warn b { color: var(--_warn) }
  .line.error b { color: var(--_bad) }
  .chosen { background: var(--_run-bg); box-shadow: inset 2px 0 var(--_run) }
  mark { background: light-dark(#ffe08a, #6b5200); color: var(--_ink) }
  @container (max-width: 620px) {
    .of, .log time { display: none }
    .no { min-inline-size: 3ch }
    .line b { inline-size: auto; display: none }
    .warn b, .line.error b { display: block }
    .tools, .about, .log { padding-inline: var(--_4) }
    .tools > select { flex: 1 1 100px; max-inline-size: none }
    .line { gap: var(--_2) }
  }
`

const colours = css`
  .bold { font-weight: 700 }
  .dim { color: var(--_soft) }
  .italic { font-style: italic }
  .underline { text-decoration: underline }
  .struck { text-decoration: line-through }
  .red { color: var(--_bad) }
  .green { color: var(--_ok) }
  .yellow { color: var(--_warn) }
  .blue { color: var(--_run-text) }
  .magenta { color: light-dark(#8e3bb0, #d98cf5) }
  .cyan { color: light-dark(#0b6b7d, #5cc8d8) }
  .black, .white { color: var(--_soft) }
  .bright { font-weight: 600 }
`

export const logStyles = joined(themeRest, tools, lines, colours)
