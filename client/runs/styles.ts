import { unsafeCSS } from 'lit'
import { css } from '../css.ts'
import { themeRest } from '../theme-rest.ts'

/**
 * Beside the theme. One grid for the head and every row, so that columns stand under each other; rows are of one
 * height.
 */
const own = css`
  :host { font: var(--_size) / var(--_leading) var(--_font); color: var(--_ink); white-space: normal }
  * { box-sizing: border-box; margin: 0; padding: 0; unicode-bidi: plaintext }
  .vh { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
  :focus-visible { outline: 2px solid var(--_run); outline-offset: 2px }
  .card { text-align: left; background: var(--_card); border: 1px solid var(--_line); border-radius: var(--_radius); font-variant-numeric: tabular-nums; --_cols: minmax(0, 5fr) minmax(112px, 3fr) minmax(0, 6fr) 136px }
  .card:dir(rtl) { text-align: right }
  .picks { --_cols: 24px minmax(0, 5fr) minmax(112px, 3fr) minmax(0, 6fr) 136px }
  ul { list-style: none }
  .head, .row { display: grid; grid-template-columns: var(--_cols); gap: 0 var(--_4); align-items: center; padding-inline: var(--_4) }
  .head { min-block-size: 41px; font-size: var(--_tiny); color: var(--_soft); border-block-end: 1px solid var(--_line) }
  .end { display: flex; gap: var(--_3); justify-content: end; align-items: center; white-space: nowrap }
  .head .end { inline-size: max-content; justify-self: end }
  .row { position: relative; min-block-size: 60px; padding-block: 10px }
  .row + .row, .group, .rows + .older { border-block-start: 1px solid var(--_line) }
  .row:hover, .row:has(a:focus-visible) { background: var(--_hover) }
  .row:last-child { border-radius: 0 0 var(--_radius) var(--_radius) }
  .gone :is(a, .status, .time) { color: var(--_faint) }
  .gone :is(.icon, .bar) { opacity: .5 }
  .row a { color: inherit; text-decoration: none }
  .row a::after { content: ''; position: absolute; inset: 0; border-radius: inherit }
  .row a:focus-visible { outline: none }
  .row a:focus-visible::after { outline: 2px solid var(--_run); outline-offset: -2px }
  .row a, small, .step, .faint { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-inline-size: 0 }
  small { font-size: var(--_tiny); line-height: 16px; min-block-size: 16px; color: var(--_soft) }
  .parts { display: flex; white-space: pre }
  .parts > * { flex: none; font-style: normal }
  .parts .message { flex: 0 1 auto; overflow: hidden; text-overflow: ellipsis; min-inline-size: 0 }
  .faint, .pending .time, .cancelled .step { color: var(--_soft) }
  .failed small[title] { color: var(--_bad) }
  .card:dir(rtl) .time { text-align: left }
  .time { text-align: right; color: var(--_soft); white-space: nowrap }
  .status { display: flex; gap: var(--_2); align-items: center; color: var(--_soft) }
  .running .status { color: var(--_run-text) }
  .completed .status { color: var(--_ok) }
  .failed .status { color: var(--_bad) }
  .icon { flex: none; inline-size: 16px; block-size: 16px; fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round }
  .icon.running { stroke-width: 1.8 }
  .bar { display: block; inline-size: 100%; max-inline-size: 184px; block-size: 4px; margin-block: 6px 2px; border-radius: 2px; background: var(--_track); overflow: hidden }
  .bar:dir(rtl) { scale: -1 1 }
  rect { fill: var(--_run) }
  .pick { position: relative; z-index: 1; display: grid; place-items: center; inline-size: 24px; min-block-size: 32px; cursor: pointer }
  .pick input { inline-size: 16px; block-size: 16px; accent-color: var(--_run) }
  .group { padding: var(--_4) var(--_4) var(--_2); font-size: var(--_small); font-weight: 600; background: var(--_sunken) }
  .head + .group { border: 0 }
  .group span { font-weight: 400; color: var(--_soft); margin-inline-start: var(--_space) }
  button, select, input[type='search'] { font: inherit; font-size: var(--_small); min-block-size: 32px; padding: 0 var(--_3); border: 1px solid var(--_edge); border-radius: var(--_round); background: var(--_card); color: var(--_ink) }
  input[type='search'], select { border-color: var(--_field) }
  button { font-weight: 500; cursor: pointer }
  button:hover, select:hover { background: var(--_hover) }
  button[aria-disabled='true'] { color: var(--_faint); cursor: default }
  .quiet { border-color: transparent; background: none; color: var(--_soft); font-weight: 400 }
  .main { background: var(--_ink); border-color: var(--_ink); color: var(--_card) }
  .main:hover { background: var(--_soft) }
  .danger, .danger:hover { background: var(--_bad-fill); border-color: var(--_bad-fill); color: #fff }
  .filters { display: flex; flex-wrap: wrap; gap: var(--_2); margin-block-end: var(--_5) }
  .filters > input { flex: 2 1 228px; min-inline-size: 0 }
  .filters > select { flex: 1 1 140px; min-inline-size: 0; max-inline-size: 240px }
  ::placeholder { color: var(--_soft); opacity: 1 }
  .chips { display: flex; flex-wrap: wrap; gap: var(--_2) }
  .chips.end { margin-inline-start: auto }
  .chip { display: inline-flex; gap: 6px; align-items: center; font-weight: 400 }
  .chip .icon { inline-size: 14px; block-size: 14px; color: var(--_faint); animation: none }
  .chip[aria-pressed='true'], select.on, .chip.on { border-color: var(--_run); color: var(--_run-text); background: var(--_run-bg) }
  .chip[aria-pressed='true'] .icon { color: inherit }
  .pill { min-block-size: 24px; padding: 0 var(--_2); border-radius: 12px; border-color: var(--_run); color: var(--_run-text); background: var(--_run-bg); font-size: var(--_tiny) }
  .link { display: flex; align-items: center; gap: 6px; --_dot: var(--_warn) }
  .link::before { content: ''; inline-size: 7px; block-size: 7px; border-radius: 50%; background: var(--_dot) }
  .link.live { --_dot: var(--_ok) }
  .link.connecting { --_dot: var(--_faint) }
  .link.closed { --_dot: var(--_bad) }
  .older { display: flex; flex-wrap: wrap; gap: var(--_2) var(--_3); justify-content: center; align-items: center; padding: var(--_3) var(--_4); font-size: var(--_small); color: var(--_soft); border-block-start: 1px solid var(--_line) }
  .bulk { position: sticky; inset-block-end: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: var(--_2); align-items: center; padding: var(--_3) var(--_4); background: var(--_card); border-block-start: 1px solid var(--_line); border-radius: 0 0 var(--_radius) var(--_radius); font-size: var(--_small) }
  .bulk > p, .outcome { flex: 1 1 160px; overflow-wrap: anywhere }
  .outcome li { color: var(--_soft); margin-block-start: 2px }
  .outcome b { color: var(--_ink); font-weight: 500 }
  .wrong { color: var(--_bad) }
  .notice { padding: 40px 20px; display: grid; justify-items: center; align-content: center; gap: 4px; text-align: center; min-block-size: 300px }
  .notice .icon { inline-size: 24px; block-size: 24px; stroke-width: 1.2; margin-block-end: var(--_2); color: var(--_faint); animation: none }
  .notice h2 { font-size: var(--_large); font-weight: 600; line-height: 24px }
  .notice p { color: var(--_soft); max-inline-size: 52ch; overflow-wrap: anywhere; text-wrap: balance }
  .notice button { margin-block-start: var(--_3) }
  .ghost { display: block; block-size: 10px; margin-block: 5px; border-radius: 5px; background: var(--_track); inline-size: 60% }
  .ghost + .ghost { inline-size: 40% }
  @container (max-width: 720px) {
    .filters > input, .filters > select { flex-basis: 100%; max-inline-size: none }
    .chips.end { margin-inline-start: 0; justify-content: start }
    .head { grid-template-columns: 1fr auto }
    .picks .head { grid-template-columns: 24px 1fr auto }
    .head > span:nth-of-type(n + 2):not(.end) { display: none }
    .row { grid-template-columns: minmax(0, 1fr) auto; gap: var(--_space) var(--_3) }
    .picks .row { grid-template-columns: 24px minmax(0, 1fr) auto }
    .pick { grid-row: 1 }
    .who { grid-column: -3 / -1 }
    .state { grid-area: 2 / -3; min-inline-size: 0 }
    .time { grid-area: 2 / -2; font-size: var(--_small) }
    .time small { display: none }
    .now { grid-area: 3 / -3 / auto / -1; min-block-size: 36px; font-size: var(--_small) }
    .row a { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; white-space: normal; overflow-wrap: anywhere }
  }
  @keyframes turn { to { rotate: 1turn } }
  @media (prefers-reduced-motion: no-preference) {
    .icon.running { animation: turn 1s linear infinite }
    .is-reconnecting .icon.running, .is-closed .icon.running { animation-play-state: paused }
    rect { transition: width .3s ease-out }
  }
  @media (forced-colors: active) {
    .bar { border: 1px solid CanvasText; block-size: 8px }
    rect { fill: Highlight }
    .link::before { forced-color-adjust: none; background: CanvasText }
    .icon.icon { color: CanvasText }
    .chip[aria-pressed='true'] { outline: 2px solid Highlight }
  }
`

export const styles = unsafeCSS(`${themeRest}${own}`)
