import type pg from 'pg'
import type { Settings } from '../settings.ts'

/** What a check has found. */
export interface Finding {
  check: string
  state: 'ok' | 'warn' | 'fail'
  says: string
  /** What to do about it. */
  advice?: string | undefined
}

/** What the checks examine. */
export interface Patient {
  settings: Settings
  /** As workers and servers connect; this may lead through a pooler. */
  pool: pg.Pool
  /** For what needs a session. */
  directUrl: string
}

export type Check = (patient: Patient) => Promise<Omit<Finding, 'check'>>

export function ok(says: string): Omit<Finding, 'check'> {
  return { state: 'ok', says }
}

export function warn(says: string, advice: string): Omit<Finding, 'check'> {
  return { state: 'warn', says, advice }
}

export function fail(says: string, advice: string): Omit<Finding, 'check'> {
  return { state: 'fail', says, advice }
}
