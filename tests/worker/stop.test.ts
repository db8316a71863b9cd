import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silent } from '../../db/logger.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { pollForRow, waitForRow } from '../support/wait.ts'

const db = await useDatabase()

test('a worker that is stopped in the midst of a backlog has nothing to complain of, and leaves no connection', async () => {
  const complaints: string[] = []
  const complain = (_: object, text: string) => void complaints.push(text)
  const logger = { ...silent, warn: complain, error: complain }
  const busy = workflow('busy').step('work', () => {})
  const worker = await startWorker({ workflows: [busy], databaseUrl: db.url, logger })
  await db.rows("select stepcast.start_run('busy') from generate_series(1, 1000)")
  await waitForRow(db.url, "select from stepcast.runs where status = 'completed'")
  await worker.stop()
  await worker.done
  assert.deepEqual(complaints, [])
  const sessions = `select application_name from pg_stat_activity
    where datname = current_database() and application_name like 'stepcast%'`
  // A backend that was told to end takes a moment.
  await pollForRow(db.url, `select where not exists (${sessions})`)
})
