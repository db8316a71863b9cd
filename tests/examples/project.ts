import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { RunDetails } from '../../db/contract.ts'
import { cancelRun, readRun, retryRun, startRun } from '../../db/runs.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { startWorker } from '../../worker/start.ts'
import { createDatabase } from '../support/database.ts'
import { temporaryFolder } from '../support/folder.ts'
import { finished, waitForRow } from '../support/wait.ts'

type ProjectRow = { status: string; reason: string | null; run_id: string }
const PROJECT = 'select status, reason, run_id from projects where name = $1'
const REACHED = `
  select from stepcast.runs r
  left join stepcast.steps s on s.run_id = r.id and s.step = $2
  where r.id = $1 and (s.status = 'running' or r.status in ('completed', 'failed', 'cancelled'))`
const OWNER = { tenant: 'default', actor: 'test' }
const TEMPLATES = join(import.meta.dirname, '../../examples/project-init/template')

// The example reads its settings when it is imported: each test file gives it folders of its own before.
const folder = await temporaryFolder()
const dataFolder = join(folder.path, 'data')
const templatesFolder = join(folder.path, 'templates')
process.env.PROJECT_INIT_DIR = dataFolder
process.env.PROJECT_INIT_TEMPLATES = templatesFolder
process.env.PROJECT_INIT_PACE_MS = '0'
await cp(TEMPLATES, templatesFolder, { recursive: true })
const { projectInit, setup } = await import('../../examples/project-init/stepcast.config.ts')

/** The example on a database of its own, registered there, with no worker yet. */
export async function openExample() {
  const { url, drop } = await createDatabase()
  const db = new pg.Pool({ connectionString: url })
  await registerWorkflows(db, [projectInit])
  await setup(db)
  return {
    db,
    url,
    dataFolder,
    templatesFolder,
    startWorker: () => startWorker({ workflows: [projectInit], databaseUrl: url }),
    start: async (input: object) => (await startRun(db, { ...OWNER, workflow: 'project_init', input })).id,
    retry: (run: string) => retryRun(db, { ...OWNER, run }),
    cancel: (run: string, reason: string) => cancelRun(db, { ...OWNER, run, reason }),
    finished: (run: string) => finished(url, run).then(() => detailsOf(db, run)),
    /** Resolves when that step or sub-step is running, or the run is finished. */
    reached: (run: string, step: string) => waitForRow(url, REACHED, [run, step]).then(() => detailsOf(db, run)),
    projectRow: async (name: string) => (await db.query<ProjectRow>(PROJECT, [name])).rows[0],
    /** Resolves when the project has failed: a cancelled run's worker says so a moment after it was cancelled. */
    failedProject: (name: string) => waitForRow<ProjectRow>(url, `${PROJECT} and status = 'failed'`, [name]),
    async close() {
      await db.end()
      await drop()
      await folder[Symbol.asyncDispose]()
    },
  }
}

async function detailsOf(db: pg.Pool, run: string): Promise<RunDetails> {
  const details = await readRun(db, { ...OWNER, run })
  assert.ok(details)
  return details
}

/** Where and why a run failed; nulls where it did not. */
export function failureOf({ run, steps }: RunDetails) {
  const failed = steps.findLast(({ status }) => status === 'failed')
  return { step: failed?.step ?? null, error: run.error, errorStack: failed?.errorStack ?? null }
}

/** Says, when the run did not complete, where and why. */
export function assertCompleted(details: RunDetails): void {
  assert.deepEqual(failureOf(details), { step: null, error: null, errorStack: null })
  assert.equal(details.run.status, 'completed')
}
