import type { Run, Step } from '../db/contract.ts'
import type { ServerClock } from './clock.ts'

/** A step with its sub-steps, in order. */
export interface Branch {
  step: Step
  children: Branch[]
}

export interface Current {
  branch: Branch
  /** Counted from 1. */
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

/**
 * Where a run is; `Position` of the contract and the view run_progress agree with it: the first step that is running,
 * else failed, else the last that was cancelled, else the one that comes next, else the last. null: the run is
 * completed, or has no steps.
 */
export function currentOf(branches: Branch[], { status }: Run): Current | null {
  if (status === 'completed') return null
  // A step that was cancelled before it began is the one that would have come next.
  const at = (stage: Step['status']) =>
    branches.filter(
      ({ step }) => stage === (step.status === 'cancelled' && step.attempt === 0 ? 'pending' : step.status),
    )
  const branch = at('running')[0] ?? at('failed')[0] ?? at('cancelled').at(-1) ?? at('pending')[0] ?? branches.at(-1)
  return branch ? { branch, number: branches.indexOf(branch) + 1 } : null
}

export function isFinished({ status }: Pick<Run, 'status'>): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

export function isWaitingForNextTry({ status, attempt, nextAttemptAt }: Step): boolean {
  return status === 'pending' && attempt > 0 && nextAttemptAt !== null
}

/** The run is over and this step never began. */
export function isUnreached(step: Step, run: Run): boolean {
  return isFinished(run) && step.startedAt === null && (step.status === 'pending' || step.status === 'cancelled')
}

/** Milliseconds that it took, or has taken so far; null: it has not begun. */
export function elapsed(of: Run | Step, clock: ServerClock): number | null {
  return of.duration ?? (of.status === 'running' && of.startedAt !== null ? clock.since(of.startedAt) : null)
}

export function countDone(children: Branch[]): number {
  return children.filter(({ step }) => step.status === 'completed' || step.status === 'skipped').length
}
