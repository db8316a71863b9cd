import type { Step } from '../db/contract.ts'
import type { ServerClock } from './clock.ts'
import { type Branch, elapsed } from './outline.ts'

/** From so many percent on, a step's own progress tells more than what is usual. */
const TELLING_PROGRESS = 10

/** A step is late when 95 % of the runs before it were done, and these milliseconds for the very short ones. */
const LATE_MARGIN = 2_000
/** Where that is not known: half as long again as usual. */
const LATE_FACTOR = 1.5

/** Milliseconds until the run is done; null: nobody can say. */
export function timeLeft(branches: Branch[], clock: ServerClock): number | null {
  let sum = 0
  for (const { step } of branches) {
    const left = leftOf(step, elapsed(step, clock) ?? 0)
    if (left === null) return null
    sum += left
  }
  return sum
}

function leftOf({ status, usual, progress }: Step, spent: number): number | null {
  if (status !== 'running') return status === 'pending' ? usual : 0
  const byProgress = progress >= TELLING_PROGRESS ? (spent * (100 - progress)) / progress : null
  const byHabit = usual === null ? null : Math.max(0, usual - spent)
  if (byProgress === null || byHabit === null) return byProgress ?? byHabit
  return (byProgress + byHabit) / 2
}

/** Whether it has been running for markedly longer than usual. */
export function isLate(step: Step, clock: ServerClock): boolean {
  if (step.status !== 'running' || step.usual === null) return false
  const most = Math.max(step.usualP95 ?? 0, step.usual * LATE_FACTOR)
  return (elapsed(step, clock) ?? 0) > most + LATE_MARGIN
}
