import { css } from '../css.ts'

export const waterfallStyles = css`
  .fall { border-block-start: 1px solid var(--_line); padding: var(--_3) var(--_5) var(--_4); display: grid; gap: 2px; font-size: var(--_tiny) }
  .fall select { font: inherit; justify-self: start; min-block-size: 32px; padding: 5px var(--_2); border-radius: var(--_round); border: 1px solid var(--_field); background: var(--_card); color: var(--_ink); max-inline-size: 100% }
  .lane, .axis { display: grid; grid-template-columns: minmax(96px, 22%) 1fr; gap: var(--_3); align-items: center; color: var(--_soft); min-block-size: 24px }
  .many .lane { content-visibility: auto; contain-intrinsic-size: auto 24px }
  .lane > [role='rowheader'] { display: flex; gap: 6px; align-items: center; min-inline-size: 0; overflow-wrap: anywhere; line-height: 16px; padding-block: 2px }
  .lane .icon { flex: none; margin: 0; inline-size: 13px; block-size: 13px }
  .lane svg:not(.icon), .marks { inline-size: 100%; block-size: 10px; overflow: visible; grid-column: 2 }
  .marks { block-size: 16px; direction: ltr }
  .lane svg:not(.icon):dir(rtl) { scale: -1 1 }
  .fall:dir(rtl) :is(.marks, text) { scale: -1 1 }
  .marks text { transform-box: fill-box; transform-origin: center }
  .lane line { stroke: var(--_line) }
  .lane svg:not(.icon) circle { fill: var(--_faint) }
  .fall text { fill: var(--_soft); font-size: var(--_tiny) }
  .fall rect { transition: none; fill: var(--_ok) }
  .fall rect.running { fill: var(--_run) }
  .fall rect.failed { fill: url(#failed) }
  .fall .ground { fill: var(--_bad) }
  .fall .stripe { fill: var(--_card); opacity: .45 }
  .fall rect.cancelled, .fall rect.skipped { fill: var(--_faint) }
  .fall rect.queued { fill: var(--_field) }
  .fall rect.waited { fill: var(--_warn) }
  .d1 .icon { margin-inline-start: 12px } .d2 .icon { margin-inline-start: 24px } .d3 .icon { margin-inline-start: 36px }
  .d4 .icon, .d5 .icon, .d6 .icon { margin-inline-start: 48px }
  .legend { display: flex; flex-wrap: wrap; gap: var(--_space) var(--_4); color: var(--_soft); padding-block-start: var(--_2) }
  .key { display: flex; gap: 6px; align-items: center }
  .key svg { inline-size: 14px; block-size: 10px }
  @container (max-width: 620px) {
    .marks .tight { display: none }
  }
  @container (max-width: 460px) {
    .fall { padding-inline: var(--_4) }
    .lane, .axis { grid-template-columns: minmax(84px, 34%) 1fr; gap: var(--_2) }
  }
  @media (forced-colors: active) {
    .fall :is(rect, rect.queued, rect.waited), .fall text { fill: CanvasText }
    .fall rect:is(.running, .ground) { fill: Highlight }
    .fall rect.failed { fill: url(#failed) }
    .fall rect.stripe { fill: Canvas; opacity: 1 }
  }
`
