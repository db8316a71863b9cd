import { type Branch, outline } from '../../client/outline.ts'
import type { Run, Step } from '../../db/contract.ts'
import { ICONS } from './draw.ts'
import { duration } from './duration.ts'
import { clean } from './text.ts'

interface Picture {
  readonly run: Run | null
  readonly steps: readonly Step[]
}

/** What is new, one line per change: for logs and pipes, where nothing can be redrawn. */
export function describeChanges(before: Picture, after: Picture): string[] {
  const known = new Map(before.steps.map((step) => [step.id, step]))
  const describe = (branches: Branch[], depth = 0): string[] =>
    branches.flatMap(({ step, children }) => [
      ...(isNews(known.get(step.id), step, children.length > 0) ? [describeStep(step, depth)] : []),
      ...describe(children, depth + 1),
    ])
  const steps = describe(outline(after.steps))
  if (after.run === null || after.run.status === before.run?.status) return steps
  const run = describeRun(after.run, before.run === null)
  return after.run.completedAt === null ? [run, ...steps] : [...steps, run]
}

function describeRun(run: Run, isFirst: boolean): string {
  const time = run.duration === null ? '' : ` in ${duration(run.duration)}`
  const percent = run.status === 'pending' ? '' : `, ${run.progress} %`
  const id = isFirst ? ` (run ${run.id})` : ''
  const reason = run.error === null ? '' : `: ${clean(run.error)}`
  return `${ICONS[run.status]} ${clean(run.displayName)}: ${run.status}${time}${percent}${id}${reason}`
}

function describeStep(step: Step, depth: number): string {
  const time = step.duration === null ? '' : ` in ${duration(step.duration)}`
  const percent = step.status === 'running' && step.progress > 0 ? `, ${step.progress} %` : ''
  const message =
    (step.status === 'running' || step.status === 'skipped') && step.message ? `: ${clean(step.message)}` : ''
  const attempt = step.attempt > 1 ? ` (attempt ${step.attempt})` : ''
  // For a failed step, or one that waits for its next attempt after an error.
  const error = step.error ? `: ${clean(step.error)}` : ''
  const word = step.nextAttemptAt === null ? step.status : 'waits for its next attempt'
  const head = `${'  '.repeat(depth + 1)}${ICONS[step.status]} ${clean(step.displayName)}`
  return `${head}: ${word}${time}${percent}${attempt}${message}${error}`
}

// Of changes in progress only each new tenth is news, unless it comes from sub-steps, which say more.
function isNews(before: Step | undefined, step: Step, isParent: boolean): boolean {
  if (step.status === 'pending' && step.attempt === 0) return false
  if (before === undefined || before.status !== step.status || before.attempt !== step.attempt) return true
  if (step.status !== 'running') return false
  const isFurther = Math.floor(before.progress / 10) !== Math.floor(step.progress / 10)
  return before.message !== step.message || (isFurther && !isParent)
}
