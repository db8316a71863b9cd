import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { after, test } from 'node:test'
import { startRun } from '../../db/runs.ts'
import { useDatabase } from '../support/fixture.ts'
import { finished } from '../support/wait.ts'

const db = await useDatabase()

test('a run that kills its workers fails after five, and an innocent one beside it completes', async () => {
  const end = new AbortController()
  const startWorker = () => {
    if (end.signal.aborted) return
    fork(new URL('./poisonous.ts', import.meta.url), [db.url], { signal: end.signal, killSignal: 'SIGKILL' })
      .on('error', () => {})
      .once('exit', startWorker)
  }
  after(() => end.abort())
  startWorker()
  startWorker()
  const start = (workflow: string) =>
    startRun(db.pool, { tenant: 'default', actor: 'test', workflow, input: {} }).catch(() => null)
  let poison = await start('poison')
  while (!poison) poison = await start('poison')
  const innocents = await Promise.all(Array.from({ length: 3 }, () => start('innocent')))
  const { status, error } = await finished(db.url, poison.id)
  assert.equal(status, 'failed')
  assert.match(String(error), /^5 workers died while running this; the last was /)
  for (const innocent of innocents) assert.equal((await finished(db.url, String(innocent?.id))).status, 'completed')
})
