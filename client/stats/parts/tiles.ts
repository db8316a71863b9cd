import { html } from 'lit'
import type { RunningStats, Stats } from '../../../db/contract.ts'
import { isolated } from '../../parts/shown.ts'
import { exactly, FEWEST_FOR_P95, type Speech } from '../speech.ts'
import { standing } from './rows.ts'
import { elapsed, nameOf, sumOf } from './running.ts'

/** The four main numbers. */
export function tilesPart({ total }: Stats, running: RunningStats, speech: Speech) {
  return html`
    <dl class="tiles">${runningTile(running, speech)}${rateTile(total, speech)}${timeTile(total, speech)}${waitingTile(running, speech)}</dl>
  `
}

function tile(name: string, value: unknown, about: string) {
  return html`<div class="tile" part="tile"><dt>${name}</dt><dd class="value">${value}</dd><dd class="about">${about}</dd></div>`
}

function runningTile({ running }: RunningStats, speech: Speech) {
  const { words, formats } = speech
  const sum = sumOf(running)
  const others = sumOf(running.slice(2))
  const about = running
    .slice(0, 2)
    .map((step) => words.inStep(formats.number(step.runs), isolated(nameOf(step, speech))))
    .concat(others > 0 ? words.more(formats.number(others)) : [])
  return tile(words.runningNow, exactly(sum, formats.number), about.join(words.comma) || words.noneRunning)
}

function rateTile({ completed, failed, cancelled, successRate }: Stats['total'], { words, formats, rate }: Speech) {
  const tried = completed + failed
  const about = [
    tried === 0 ? words.noneTried : words.completedOf(formats.number(completed), tried, formats.number(tried)),
    cancelled === 0 ? '' : words.andCancelled(formats.number(cancelled)),
  ]
  return tile(words.successRate, exactly(successRate, rate), about.filter(Boolean).join(' · '))
}

function timeTile(total: Stats['total'], { words, formats, ms }: Speech) {
  const { completed } = total
  const { p50, p95 } = standing(total)
  const n = formats.number(completed)
  if (p50 === null) return tile(words.timeToComplete, '–', words.tooFew(completed, n))
  const slow = p95 === null ? words.p95Needs(formats.number(FEWEST_FOR_P95)) : `p95 ${ms(p95)}`
  return tile(words.timeToComplete, exactly(p50, ms), `p50 · ${slow} · n ${n}`)
}

function waitingTile({ waiting, at }: RunningStats, { words, formats }: Speech) {
  const about =
    waiting.since === null ? words.noneWaiting : words.longestWait(formats.duration(elapsed(waiting.since, at)))
  return tile(words.waiting, exactly(waiting.runs, formats.number), about)
}
