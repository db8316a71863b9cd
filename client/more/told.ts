import type { Branch } from '../outline.ts'

/** Whether one of the sub-steps already shows the failure. */
export function isToldBelow(error: string | null, { children }: Branch): boolean {
  return children.some((child) => child.step.error === error || isToldBelow(error, child))
}
