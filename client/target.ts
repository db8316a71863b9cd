import type { Run } from '../db/contract.ts'
import type { GetToken } from './credentials.ts'

/** A run by its id, or the newest run under an application's key. */
export type Target = { run: string } | { workflow: string; key: string }

/** What an element watches. */
export interface Wanted {
  target: Target
  src: string
  token: string | null
  /** Read only when something else changes: a page may pass a new function with every rendering. */
  getToken: GetToken | null
  /** Which tabs share the page's stream; null: none. */
  share: string | null
  logs: boolean
}

/** Normalises a target: the server writes ids in lower case, and in JavaScript a key may be a number. */
export function exact(target: Target): Target {
  return 'run' in target ? { run: `${target.run}`.trim().toLowerCase() } : { ...target, key: `${target.key}` }
}

export function nameOf(target: Target): string {
  return JSON.stringify('run' in target ? [target.run] : [target.workflow, target.key])
}

/** Whether a snapshot of this run is one of the target. */
export function isOf(target: Target, { id, workflow, key }: Run): boolean {
  return 'run' in target ? id === target.run : workflow === target.workflow && key === target.key
}
