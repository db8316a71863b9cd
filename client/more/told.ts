import type { Branch } from '../outline.ts'

/** Whether a failure is told by one of the sub-steps already. */
export function isToldBelow(error: string | null, { children }: Branch): boolean {
  return children.some((child) => child.step.error === error || isToldBelow(error, child))
}
