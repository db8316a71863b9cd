import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startRun } from '../../db/runs.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { startProxy } from '../support/proxy.ts'
import { finished } from '../support/wait.ts'

const db = await useDatabase()

test('a worker whose database vanishes without a word gives itself up within seconds, its handlers hear of it, and another goes on', async () => {
  let hasVanished = false
  const proxy = await startProxy(db.url, () => (hasVanished ? 'swallow' : 'pass'))
  const begun = Promise.withResolvers<void>()
  const aborted = Promise.withResolvers<void>()
  const waiting = workflow('waiting').step('wait', async ({ attempt, signal }) => {
    if (attempt > 1) return
    signal.addEventListener('abort', () => aborted.resolve())
    begun.resolve()
    await aborted.promise
  })
  const worker = await startWorker({ workflows: [waiting], databaseUrl: proxy.url })
  const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'waiting', input: {} })
  await begun.promise
  hasVanished = true
  await assert.rejects(worker.done, /the database has not answered for 15000 ms/)
  await aborted.promise
  await using _ = await startWorker({ workflows: [waiting], databaseUrl: db.url })
  assert.equal((await finished(db.url, id)).status, 'completed')
  // else it is waited for as long as a database may take
  await proxy[Symbol.asyncDispose]()
  await worker.stop()
})
