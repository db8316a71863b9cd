import type { Run } from '../db/contract.ts'
import type { GetToken } from './credentials.ts'

/** A run by its id, or the newest run under an application's key. */
export type Target = { run: string } | { workflow: string; key: string }

/** What an element watches. */
export interface Wanted {
  target: Target
  src: string
  token: string | null
  /** Looked at when something else changes: a page may give a new one with every rendering. */
  getToken: GetToken | null
  /** With whom the page's stream is shared across tabs; null: with none. */
  share: string | null
  logs: boolean
}

/** However its id is written: the server writes it in lower case. A key may be a number, in JavaScript. */
export function exact(target: Target): Target {
  return 'run' in target ? { run: `${target.run}`.trim().toLowerCase() } : { ...target, key: `${target.key}` }
}

export function nameOf(target: Target): string {
  return JSON.stringify('run' in target ? [target.run] : [target.workflow, target.key])
}

/** Whether a snapshot of this run is one of it. */
export function isOf(target: Target, { id, workflow, key }: Run): boolean {
  return 'run' in target ? id === target.run : workflow === target.workflow && key === target.key
}
