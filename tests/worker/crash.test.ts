import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { startRun } from '../../db/runs.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { size } from '../support/size.ts'
import { finished, waitForRow } from '../support/wait.ts'
import { effects, forkWorker, heard, LEDGER, ledgered } from './ledger.ts'

const db = await useDatabase()
await db.rows(LEDGER)

const WHOLE = ['first', 'middle/a', 'middle/b', 'middle/c', 'middle', 'last', 'end completed']

const start = (stopAt: string) =>
  startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'ledgered', input: { stopAt } })

for (const stopAt of size(['c'], ['a', 'c', 'middle'])) {
  test(`a worker killed in “${stopAt}”: another one goes on from there, every effect once`, async () => {
    const doomed = await forkWorker(db.url)
    const there = heard(doomed, 'there')
    const { id } = await start(stopAt)
    await there
    doomed.kill('SIGKILL')
    await once(doomed, 'exit')
    await using _ = await startWorker({ workflows: [ledgered], databaseUrl: db.url })
    assert.equal((await finished(db.url, id)).status, 'completed')
    assert.deepEqual(await effects(db, id), WHOLE)
    const attempts = await db.rows(
      `select s.step, a.attempt, a.status
       from stepcast.attempts a
       join stepcast.steps s on s.id = a.step_id
       where a.run_id = $1 and a.status = 'completed'
       order by s.id`,
      [id],
    )
    assert.deepEqual(
      attempts.map(({ step }) => step),
      ['first', 'middle', 'last', 'a', 'b', 'c'],
      'no step completed twice',
    )
    const dead = await db.value("select reason from stepcast.journal where run_id = $1 and action = 'take over'", [id])
    assert.match(String(dead), /^worker .* died$/)
  })
}

test('a worker that is stopped hands its run over at once, and no crash is counted', async () => {
  const leaving = await startWorker({ workflows: [ledgered], databaseUrl: db.url })
  const { id } = await start('b')
  await waitForRow(db.url, `select from stepcast.steps where run_id = $1 and step = 'b' and status = 'running'`, [id])
  await leaving.stop()
  await using _ = await startWorker({ workflows: [ledgered], databaseUrl: db.url })
  assert.equal((await finished(db.url, id)).status, 'completed')
  assert.deepEqual(await effects(db, id), WHOLE)
  assert.equal(await db.value('select crashes from stepcast.runs where id = $1', [id]), 0)
})

test('a run whose workers keep dying fails with a clear error', async () => {
  const { id } = await start('never')
  await db.rows(
    "update stepcast.runs set revision = revision + 1, crashes = 4, status = 'running', worker = 0 where id = $1",
    [id],
  )
  await db.rows(
    "insert into stepcast.workers (id, name, application_name) overriding system value values (0, 'ghost', 'stepcast worker ghost')",
  )
  await using _ = await startWorker({ workflows: [ledgered], databaseUrl: db.url })
  const run = await finished(db.url, id)
  assert.equal(run.status, 'failed')
  assert.match(String(run.error), /5 workers died while running this; the last was ghost/)
})

test('a run that got on by a sub-step starts counting deaths anew', async () => {
  const gate = Promise.withResolvers<void>()
  const parts = workflow('parts').step('whole', async (ctx) => {
    await ctx.substep('part', () => {})
    await gate.promise
  })
  await registerWorkflows(db.pool, [parts])
  const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'parts', input: {} })
  await db.rows('update stepcast.runs set revision = revision + 1, crashes = 4 where id = $1', [id])
  await using _ = await startWorker({ workflows: [parts], databaseUrl: db.url })
  await waitForRow(db.url, "select from stepcast.steps where run_id = $1 and step = 'part' and status = 'completed'", [
    id,
  ])
  assert.equal(await db.value('select crashes from stepcast.runs where id = $1', [id]), 0)
  gate.resolve()
})
