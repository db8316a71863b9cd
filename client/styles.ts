import { css } from './css.ts'
import { theme } from './theme.ts'

const card = css`
  :host { font: var(--_size) / var(--_leading) var(--_font); color: var(--_ink); white-space: normal }
  * { box-sizing: border-box; unicode-bidi: plaintext }
  .card { text-align: left; background: var(--_card); border: 1px solid var(--_line); border-radius: var(--_radius); overflow: hidden; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
  .card:dir(rtl) { text-align: right }
  h2, p, ol { margin: 0; padding: 0; font: inherit; list-style: none }
  .vh { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
  .soft { color: var(--_soft) }
  :focus-visible { outline: 2px solid var(--_run); outline-offset: 2px }
`

const header = css`
  header { padding: var(--_5) var(--_5) var(--_4); display: grid; gap: var(--_3); grid-template-columns: minmax(0, 1fr) }
  .top { display: flex; align-items: baseline; gap: var(--_3); min-block-size: 24px }
  h2 { font-size: var(--_large); line-height: 24px; font-weight: 600; flex: 1; min-inline-size: 0 }
  .state { font-size: var(--_huge); line-height: 24px; font-weight: 600; letter-spacing: -.01em; white-space: nowrap }
  .completed .state { color: var(--_ok) }
  .cancelled .state, .pending .state { color: var(--_soft) }
  .bar { display: block; inline-size: 100%; block-size: 6px; border-radius: 3px; background: var(--_track); overflow: hidden }
  .bar:dir(rtl), [aria-expanded='false'] .chevron:dir(rtl) { scale: -1 1 }
  rect { fill: var(--_fill, var(--_run)) }
  .card.completed { --_fill: var(--_ok) }
  .card.cancelled { --_fill: var(--_faint) }
  .meta { display: flex; flex-wrap: wrap; gap: var(--_space) var(--_4); min-block-size: 20px; font-size: var(--_small); color: var(--_soft) }
  .meta span:empty { display: none }
  b { font-weight: 500; color: var(--_ink) }
  .link { margin-inline-start: auto; display: flex; align-items: center; gap: 6px; --_dot: var(--_warn) }
  .link::before { content: ''; inline-size: 7px; block-size: 7px; border-radius: 50%; background: var(--_dot) }
  .link.live { --_dot: var(--_ok) }
  .link.connecting { --_dot: var(--_faint) }
  .link.closed { --_dot: var(--_bad) }
`

const steps = css`
  .steps { border-block-start: 1px solid var(--_line); padding-block: var(--_space) var(--_2) }
  .step { display: grid; grid-template-columns: 20px minmax(0, 1fr) auto; gap: 2px var(--_3); padding: 9px var(--_5) }
  .step:focus-visible { outline-offset: -2px }
  .many .step { content-visibility: auto; contain-intrinsic-size: auto 38px }
  .step > * { grid-column: 2 / -1 }
  .step > .icon, .step > .dot { grid-column: 1 }
  .step > .name { grid-column: 2; font-weight: 500 }
  .step > .time { grid-column: 3; color: var(--_soft); font-size: var(--_small); text-align: end; display: flex; flex-wrap: wrap; justify-content: end; align-content: start; gap: 0 var(--_3); min-block-size: 20px; line-height: 20px }
  .steps > .running { background: var(--_run-bg) }
  :is(.pending, .skipped, .unreached, .cancelled) > .name { color: var(--_faint); font-weight: 400 }
  .pending > .time, .unreached > .time { color: var(--_faint) }
  .icon { inline-size: 16px; block-size: 16px; margin-block-start: 2px; fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; color: var(--_faint) }
  .icon.completed { color: var(--_ok) }
  .icon.running { color: var(--_run); stroke-width: 1.8 }
  @keyframes turn { to { rotate: 1turn } }
  .mini { block-size: 3px; border-radius: 2px; margin-block: 5px 3px }
  .note { color: var(--_soft); font-size: var(--_small) }
  .long { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden }
  .long:has(~ .whole[open], ~ * > .whole[open]) { display: block }
  summary { padding-block: var(--_space); cursor: pointer }
  .waiting ~ .note, .step > .late { color: var(--_warn) }
  .subs { margin-block-start: var(--_space); font-size: var(--_small) }
  .subs .step { grid-template-columns: 16px minmax(0, 1fr) auto; gap: 2px var(--_2); padding: 3px 0 }
  .subs .step > .name { font-weight: 400 }
  .subs .icon:not(.chevron) { inline-size: 13px; block-size: 13px; margin-block-start: 3px }
  .ghost { display: block; block-size: 12px; margin-block: var(--_space); border-radius: 6px; background: var(--_track); inline-size: 60% }
  .ghost.title { inline-size: 45%; block-size: 16px }
  .dot { inline-size: 16px; block-size: 16px; margin-block: 2px; border-radius: 50% }
`

const controls = css`
  footer { border-block-start: 1px solid var(--_line); padding: var(--_3) var(--_5); display: flex; flex-wrap: wrap; gap: var(--_2); align-items: center; min-block-size: 57px; font-size: var(--_small) }
  .who { flex: 1 1 160px; color: var(--_soft) }
  button { font: inherit; font-size: var(--_small); font-weight: 500; line-height: 20px; padding: 5px var(--_3); border-radius: var(--_round); border: 1px solid var(--_edge); background: var(--_card); color: var(--_ink); cursor: pointer }
  button:hover { background: var(--_hover) }
  button[aria-disabled='true'], button:disabled { color: var(--_faint); cursor: default; background: none }
  [aria-pressed='true'], footer [aria-expanded='true'] { background: var(--_hover) }
  .main { background: var(--_ink); border-color: var(--_ink); color: var(--_card) }
  .main:hover { background: var(--_soft) }
  .fold { font: inherit; color: inherit; border-color: transparent; background: none; padding: 2px 6px; margin: -3px -6px; border-radius: 6px; min-block-size: 24px; text-align: start }
  .count { font-size: var(--_tiny); color: var(--_soft); white-space: nowrap }
  .chevron { inline-size: 12px; block-size: 12px; margin: 0; vertical-align: -2px; color: inherit }
  [aria-expanded='true'] .chevron { rotate: 90deg }
`

const conditions = css`
  @container (width<=460px) {
    header { padding: var(--_4) var(--_4) var(--_3) }
    .step { padding-inline: var(--_4) }
    .subs .subs .subs .subs { grid-column: 1 / -1 }
    .running > .time, .step > .time:has(button) { grid-column: 2 / -1; justify-content: start; text-align: start }
    footer { padding-inline: var(--_4) }
    .who { flex-basis: 100% }
  }
  @media (prefers-reduced-motion: no-preference) {
    .icon.running { animation: turn 1s linear infinite }
    .is-reconnecting .icon.running, .is-closed .icon.running { animation-play-state: paused }
    rect { transition: width .3s ease-out }
  }
  @media (forced-colors: active) {
    .bar { border: 1px solid CanvasText; block-size: 8px }
    rect { fill: Highlight }
    .link::before { forced-color-adjust: none; background: CanvasText }
    .icon.icon.icon { color: CanvasText }
    .fold { margin-inline: 0 }
    .ghost { border: 1px solid }
    .steps > .running, .steps > .failed { outline: 1px solid Highlight; outline-offset: -2px }
  }
`

export const styles = [theme, card, header, steps, controls, conditions]
