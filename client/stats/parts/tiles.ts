import { html } from 'lit'
import type { RunningStats, Stats } from '../../../db/contract.ts'
import { isolated } from '../../parts/shown.ts'
import { exactly, FEWEST_FOR_P50, FEWEST_FOR_P95, type Speech } from '../speech.ts'
import { elapsed, nameOfRunning } from './running.ts'

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
  const sum = running.reduce((all, { runs }) => all + runs, 0)
  const [first, second, ...rest] = running
  const others = rest.reduce((all, { runs }) => all + runs, 0)
  const about = [first, second]
    .flatMap((step) => (step ? [words.inStep(formats.number(step.runs), isolated(nameOfRunning(step, speech)))] : []))
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

function timeTile({ completed, p50Duration, p95Duration }: Stats['total'], { words, formats, ms }: Speech) {
  const n = formats.number(completed)
  if (completed < FEWEST_FOR_P50) return tile(words.timeToComplete, '–', words.tooFew(completed, n))
  const p95 =
    completed < FEWEST_FOR_P95 ? words.p95Needs(formats.number(FEWEST_FOR_P95)) : `p95 ${ms(p95Duration ?? 0)}`
  return tile(words.timeToComplete, exactly(p50Duration, ms), `p50 · ${p95} · n ${n}`)
}

function waitingTile({ waiting, at }: RunningStats, { words, formats }: Speech) {
  const about =
    waiting.since === null ? words.noneWaiting : words.longestWait(formats.duration(elapsed(waiting.since, at)))
  return tile(words.waiting, exactly(waiting.runs, formats.number), about)
}
