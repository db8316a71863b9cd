import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
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
  // Longer than it takes to fetch more jobs, which wait then.
  const busy = workflow('busy').step('work', ({ signal }) => sleep(50, undefined, { signal }))
  const worker = await startWorker({ workflows: [busy], databaseUrl: db.url, logger })
  await db.rows("select stepcast.start_run('busy') from generate_series(1, 200)")
  await waitForRow(db.url, "select where (select count(*) from stepcast.runs where status = 'completed') > 20")
  await worker.stop()
  await worker.done
  assert.deepEqual(complaints, [])
  const sessions = `select application_name from pg_stat_activity
    where datname = current_database() and application_name like 'stepcast%'`
  // A backend that was told to end takes a moment.
  await pollForRow(db.url, `select where not exists (${sessions})`)
})
