import { html } from 'lit'
import type { Step } from '../../db/contract.ts'
import { isLate } from '../estimate.ts'
import { type Branch, elapsed, isUnreached } from '../outline.ts'
import { type Shown, waitingOf } from './shown.ts'

/** The end of a step's row: its duration, and what belongs beside it. */
export function timePart(branch: Branch, shown: Shown) {
  return html`
    <span class="time ${isLate(branch.step, shown.clock) ? 'late' : ''}" part="step-time">${shown.more?.besideStep(branch, shown)}${textsOf(branch, shown).join(' · ')}</span>
  `
}

function textsOf({ step }: Branch, shown: Shown): string[] {
  const { words, formats, clock, run } = shown
  if (isUnreached(step, run)) return [words.notReached]
  const waiting = waitingOf(step, shown)
  if (waiting) return [waiting.time]
  if (step.status === 'pending') return step.usual === null ? [] : [words.usually(formats.typical(step.usual))]
  const spent = elapsed(step, clock)
  const word = step.status === 'skipped' || step.status === 'cancelled' ? [words.step[step.status]] : []
  const time = spent === null || step.status === 'skipped' ? [] : [formats.duration(spent)]
  const late = isLate(step, clock) ? [words.late] : []
  return [...word, ...time, ...late, ...(step.status === 'running' ? usualOf(step, shown) : [])]
}

/** The usual duration, with the range of most runs and the number of runs behind it. */
function usualOf({ usual, usualP95, usualRuns }: Step, { words, formats }: Shown): string[] {
  if (usual === null) return []
  const [typical, most] = [formats.typical(usual), formats.typical(usualP95 ?? usual)]
  if (usualRuns === null) return [words.usually(typical)]
  return [words.usuallyOf(most === typical ? typical : `${typical} – ${most}`, usualRuns, formats.number(usualRuns))]
}
