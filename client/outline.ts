import type { Run, Step } from '../db/contract.ts'
import type { ServerClock } from './clock.ts'

/** A step with its sub-steps, in order. */
export interface Branch {
  step: Step
  children: Branch[]
}

export interface Current {
  branch: Branch
  /** From 1. */
  number: number
}

export function outline(steps: readonly Step[]): Branch[] {
  const byParent = Map.groupBy(steps, ({ parentId }) => parentId)
  const below = (id: number | null): Branch[] =>
    (byParent.get(id) ?? [])
      .toSorted((a, b) => a.sequence - b.sequence)
      .map((step) => ({ step, children: below(step.id) }))
  return below(null)
}

/** The step that a reader looks for: what failed, what runs, what waits for its next try, what comes next. */
export function currentOf(branches: Branch[], run: Run): Current | null {
  const find = (test: (step: Step) => boolean) => branches.findIndex(({ step }) => test(step))
  const index = [
    find(({ status }) => status === 'failed'),
    find(({ status }) => status === 'running'),
    find((step) => isWaitingForNextTry(step)),
    find(({ status, startedAt }) => status === 'cancelled' && startedAt !== null),
    isFinished(run) ? -1 : find(({ status }) => status === 'pending'),
  ].find((at) => at >= 0)
  const branch = branches[index ?? -1]
  return branch === undefined || index === undefined ? null : { branch, number: index + 1 }
}

export function isFinished({ status }: Pick<Run, 'status'>): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

export function isWaitingForNextTry({ status, attempt, nextAttemptAt }: Step): boolean {
  return status === 'pending' && attempt > 0 && nextAttemptAt !== null
}

/** The run is over and this never began. */
export function isUnreached(step: Step, run: Run): boolean {
  return isFinished(run) && step.startedAt === null && (step.status === 'pending' || step.status === 'cancelled')
}

/** Milliseconds it took, or has taken so far; null: it has not begun. */
export function elapsed(of: Run | Step, clock: ServerClock): number | null {
  if (of.duration !== null) return of.duration
  return of.status === 'running' && of.startedAt !== null ? clock.since(of.startedAt) : null
}

export function countDone(children: Branch[]): number {
  return children.filter(({ step }) => step.status === 'completed' || step.status === 'skipped').length
}
