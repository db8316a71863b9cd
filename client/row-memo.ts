import { guard } from 'lit/directives/guard.js'
import { type Branch, isWaitingForNextTry } from './outline.ts'
import type { Shown } from './parts/shown.ts'

/**
 * Redraws a row only when something in it has changed: of a thousand steps most stay the same while one of them ticks.
 * `setting`: a different object when something has changed that all rows depend on.
 */
export function memoWith(setting: object): NonNullable<Shown['memo']> {
  return (branch, hidden, shown, draw) => {
    const { current, cursor } = shown
    const isEntry = ({ step, children }: Branch): boolean => step.id === cursor || children.some(isEntry)
    const seen = [
      hidden,
      current?.branch === branch,
      isEntry(branch) && cursor,
      revisionsOf(branch),
      branch.step,
      setting,
    ]
    return guard(isTicking(branch) ? [Number.NaN] : seen, draw)
  }
}

/** Rises with every change of the step or of its sub-steps. */
function revisionsOf({ step, children }: Branch): number {
  return children.reduce((sum, child) => sum + revisionsOf(child), step.revision)
}

/** Whether its row changes merely with time. */
function isTicking({ step, children }: Branch): boolean {
  return step.status === 'running' || isWaitingForNextTry(step) || children.some(isTicking)
}
