import type { Fixture } from '../support/fixture.ts'

/** A run with three steps that a test drives by SQL. */
export function openRun(db: Fixture, steps: unknown[] = ['download', 'resize', 'publish']): Promise<string> {
  return db.value('select stepcast.open_run($1, $2)', ['video', JSON.stringify(steps)])
}

export const begin = (db: Fixture, run: string, step: string) =>
  db.rows('select stepcast.begin_step($1, $2)', [run, step])
export const complete = (db: Fixture, run: string, step: string) =>
  db.rows('select stepcast.complete_step($1, $2)', [run, step])
export const report = (
  db: Fixture,
  run: string,
  step: string,
  progress: number | null,
  message: string | null = null,
) => db.rows('select stepcast.report_step($1, $2, $3, $4)', [run, step, progress, message])

export interface RunRow {
  status: string
  progress: number
  revision: number
  error: string | null
}

export async function readRun(db: Fixture, run: string): Promise<RunRow> {
  const [row] = await db.rows<RunRow>(
    'select status, progress, revision::integer, error from stepcast.runs where id = $1',
    [run],
  )
  return row as RunRow
}

export interface StepRow {
  status: string
  progress: number
  attempt: number
  message: string | null
  revision: number
}

export async function readStep(db: Fixture, run: string, step: string): Promise<StepRow> {
  const [row] = await db.rows<StepRow>(
    'select status, progress, attempt, message, revision::integer from stepcast.steps where id = stepcast.find_step($1, $2)',
    [run, step],
  )
  return row as StepRow
}
