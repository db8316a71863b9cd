import type { JsonObject } from '../db/contract.ts'
import type { Holding } from './holding.ts'
import type { StepServices } from './part.ts'
import type { Workflow } from './workflow.ts'

/** What stays the same from step to step of a run that is driven here. */
export interface Course {
  services: StepServices
  workflow: Workflow
  holding: Holding
  /** As the workflow's schema made it. Handlers get copies of it, and of the results: none meets what another did to them. */
  input: unknown
  /** Of the completed steps, by name. */
  results: JsonObject
  /** Steps whose end is in `results` as it should be: what others ended, or what was not heard, is read when it is needed. */
  heard: Set<string>
  /** Steps that are pending or running, as far as is known here. */
  unfinished: number
}

/** Arrays and plain objects anew; what else a schema may make, such as a Date, stays the same. */
export function copy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copy) as T
  if (!isPlain(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copy(member)])) as T
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
