import { css } from '../css.ts'
import { joined } from '../joined.ts'
import { themeRest } from '../theme-rest.ts'

const failure = css`
  .failed .state { color: var(--_bad) }
  .card.failed { --_fill: var(--_bad) }
  .steps > .failed { background: var(--_bad-bg) }
  .icon.failed { color: var(--_bad) }
  .icon.waiting { color: var(--_warn) }
  .error { margin-block-start: 6px }
  .error p { color: var(--_bad); overflow-wrap: anywhere; white-space: pre-wrap }
  .own { padding: var(--_3) var(--_5) 14px; background: var(--_bad-bg); border-block-start: 1px solid var(--_line) }
  .own .error { margin: 0 }
  .more { display: flex; flex-wrap: wrap; align-items: start; gap: 0 var(--_4); font-size: var(--_tiny) }
  .stack { flex: 1; min-inline-size: min(100%, 200px) }
  .stack[open] { flex-basis: 100% }
  .more .quiet { margin-inline-start: auto }
  summary { color: var(--_soft); font-size: var(--_tiny); inline-size: fit-content; max-inline-size: 100%; overflow-wrap: anywhere }
  pre { font: var(--_tiny)/18px var(--_mono); margin: var(--_space) 0 var(--_2); padding: 10px var(--_3); background: var(--_card); border: 1px solid var(--_line); border-radius: var(--_round); overflow: auto; max-block-size: 320px; color: var(--_soft) }
  .failures { padding: 0 var(--_5) var(--_3) }
`

const attempts = css`
  .attempts { margin-block: var(--_space); display: grid; gap: var(--_space); font-size: var(--_small) }
  .tries { display: flex; flex-wrap: wrap; gap: var(--_space) }
  .try { display: flex; gap: 6px; padding: 3px var(--_2); border-radius: 6px }
  .try .icon { inline-size: 13px; block-size: 13px; margin-block-start: 3px }
  .try[aria-pressed='true'] { border-color: var(--_ink); box-shadow: inset 0 0 0 1px var(--_ink) }
`

const conversation = css`
  .ask { flex: 1; display: flex; flex-wrap: wrap; gap: var(--_2); align-items: center; min-inline-size: 0 }
  .ask .who { color: var(--_ink) }
  .answers { display: flex; flex-wrap: wrap; gap: var(--_2); margin-inline-start: auto }
  input { font: inherit; flex: 1 1 160px; min-inline-size: 0; line-height: 20px; padding: 5px var(--_3); border-radius: var(--_round); border: 1px solid var(--_field); background: var(--_card); color: var(--_ink) }
  ::placeholder { color: var(--_faint); opacity: 1 }
  .lost { flex-basis: 100%; color: var(--_bad) }
  .danger { background: var(--_bad-fill); border-color: var(--_bad-fill); color: #fff }
  .danger:hover { background: var(--_bad-fill); filter: brightness(.9) }
  .quiet, .again { border-color: transparent; background: none; padding: 2px 6px; margin-inline: -6px; font-size: var(--_tiny); font-weight: 400; border-radius: 6px; color: var(--_soft) }
  .again { opacity: 0; margin-block: -3px; min-inline-size: 24px; min-block-size: 24px; text-align: center; text-decoration: none }
  .step:hover > .time .again, .step:focus > .time .again, .again:focus-visible { opacity: 1 }
  .refusal { border-block-start: 1px solid var(--_line); background: var(--_bad-bg); padding: 10px var(--_5); display: flex; gap: var(--_3); align-items: baseline; justify-content: space-between; font-size: var(--_small); overflow-wrap: anywhere }
  .refusal button { flex: none }
  @media (hover: none) { .again { opacity: 1 } }
  @container (max-width: 460px) {
    .refusal, .own, .failures { padding-inline: var(--_4) }
    .running > .time .again, .time:has(button) .again { order: 1 }
    .name:has(.fold) + .time:has(button) { margin-block-start: 4px }
    .more .quiet { margin-inline-start: -6px }
    .answers { margin: 0 }
  }
`

const notice = css`
  .notice { padding: 40px var(--_5); display: grid; justify-items: center; gap: var(--_space); text-align: center; min-block-size: 200px; align-content: center }
  .notice .icon { inline-size: 24px; block-size: 24px; stroke-width: 1.2; margin-block-end: var(--_2) }
  .notice p { color: var(--_soft); max-inline-size: 44ch; overflow-wrap: anywhere; text-wrap: balance }
  .notice button { margin-block-start: var(--_3) }
`

export const moreStyles = joined(themeRest, failure, attempts, conversation, notice)
