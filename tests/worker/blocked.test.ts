import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { startRun } from '../../db/runs.ts'
import { startWorker } from '../../worker/start.ts'
import { useDatabase } from '../support/fixture.ts'
import { finished } from '../support/wait.ts'
import { BLOCKING_MS, blocking } from './blocking.ts'
import { heard } from './ledger.ts'

const db = await useDatabase()

test('a blocked event loop is seen from its own process: another worker goes on, and what it writes after that is refused', async () => {
  const blocked: ChildProcess = fork(new URL('./blocking.ts', import.meta.url), [db.url])
  await heard(blocked, 'ready')
  const inside = heard(blocked, 'inside')
  const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'blocking', input: {} })
  await inside
  const began = Date.now()
  await using _ = await startWorker({ workflows: [blocking], databaseUrl: db.url })
  assert.equal((await finished(db.url, id)).output, 'attempt 2')
  assert.ok(Date.now() - began < BLOCKING_MS, 'before the loop was free again')
  assert.equal((await once(blocked, 'exit'))[0], 7, 'it heard of it when it was')
  assert.equal(await db.value('select output #>> $2 from stepcast.runs where id = $1', [id, '{}']), 'attempt 2')
})
