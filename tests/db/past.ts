import type { Fixture } from '../support/fixture.ts'
import { begin, complete, openRun } from './outside.ts'

const MINUTE = 60_000

/** What stepcast.import_run takes, as far as tests say it. */
export interface History {
  workflow: string
  status: string
  key?: string
  tenant?: string
  error?: string
  steps: HistoryStep[]
  [more: string]: unknown
}

export interface HistoryStep {
  step: string
  status: string
  started_at?: string
  completed_at?: string
  error?: string
  attempts?: unknown
  substeps?: HistoryStep[]
  [more: string]: unknown
}

export function importRun(db: Fixture, history: unknown): Promise<string> {
  return db.value('select stepcast.import_run($1)', [JSON.stringify(history)])
}

/** A completed run of one step that ended so many minutes ago. */
export function endedRun(db: Fixture, minutesAgo: number, more: Partial<History> = {}): Promise<string> {
  const at = new Date(Date.now() - minutesAgo * MINUTE).toISOString()
  const steps = [{ step: 'copy', status: 'completed', started_at: at, completed_at: at }]
  return importRun(db, { workflow: 'backup', status: 'completed', steps, ...more })
}

/** A run driven to its end by SQL. */
export async function completedRun(db: Fixture): Promise<string> {
  const run = await openRun(db, ['download'])
  await begin(db, run, 'download')
  await complete(db, run, 'download')
  await db.rows('select stepcast.finish_run($1)', [run])
  return run
}

export function exists(db: Fixture, run: string): Promise<boolean> {
  return db.value('select exists (select from stepcast.runs where id = $1)', [run])
}
