import type { Step } from '../db/contract.ts'
import type { ServerClock } from './clock.ts'
import { type Branch, elapsed } from './outline.ts'

/** From this percentage on, a step's own progress counts too, beside what is usual. */
const TELLING_PROGRESS = 10

/** A step is late when it takes this much longer than 95 % of the earlier runs; the margin is for very short steps. */
const LATE_MARGIN = 2_000
/** And no less than half as long again as usual, also where few runs tell the 95th percentile. */
const LATE_FACTOR = 1.5

/** Milliseconds until the run is done; null: unknown. */
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

/** Whether a step has been running for markedly longer than usual. */
export function isLate(step: Step, clock: ServerClock): boolean {
  if (step.status !== 'running' || step.usual === null) return false
  const most = Math.max(step.usualP95 ?? 0, step.usual * LATE_FACTOR)
  return (elapsed(step, clock) ?? 0) > most + LATE_MARGIN
}
