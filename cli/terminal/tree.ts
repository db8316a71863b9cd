import type { Step } from '../../db/contract.ts'

export interface Branch {
  step: Step
  /** 0 for a step, 1 for its sub-steps, and so on. */
  depth: number
}

/** Steps in order, each followed by its sub-steps. */
export function inOrder(steps: readonly Step[], parent: number | null = null, depth = 0): Branch[] {
  return steps
    .filter(({ parentId }) => parentId === parent)
    .sort((a, b) => a.sequence - b.sequence)
    .flatMap((step) => [{ step, depth }, ...inOrder(steps, step.id, depth + 1)])
}

/** `Step 3 of 7: Push template`, or null before the first and after the last. */
export function whereabouts(steps: readonly Step[]): string | null {
  const top = inOrder(steps).filter(({ depth }) => depth === 0)
  const index = top.findIndex(({ step }) => step.status === 'running' || step.status === 'failed')
  const current = top[index]
  return current ? `Step ${index + 1} of ${top.length}: ${current.step.displayName}` : null
}
