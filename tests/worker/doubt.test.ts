import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startRun } from '../../db/runs.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { type Fate, startProxy } from '../support/proxy.ts'
import { size } from '../support/size.ts'
import { finished } from '../support/wait.ts'

const db = await useDatabase()
await db.rows('create table effects (run uuid, effect text)')

const doubtful = workflow('doubtful')
  .step('first', async (ctx) => {
    await ctx.tx.query('insert into effects values ($1, $2)', [ctx.run.id, 'first'])
  })
  .step('parts', async (ctx) => {
    await ctx.substep('part', async (sub) => {
      await sub.tx.query('insert into effects values ($1, $2)', [ctx.run.id, 'part'])
    })
  })
  .step('plain', () => 'no effects')
  .step('last', async (ctx) => {
    await ctx.tx.query('insert into effects values ($1, $2)', [ctx.run.id, 'last'])
  })
  .onEnd(async ({ tx, run, status }) => {
    await tx.query('insert into effects values ($1, $2)', [run.id, `end ${status}`])
  })

const ALL = ['first', 'part', 'last', 'end completed']
const isCommit = (sent: Buffer) => sent.includes('commit\0')
const isMove = (sent: Buffer) => sent.includes('stepcast.advance_runs')

for (const fate of ['lose answer', 'lose'] as const) {
  for (const nth of size([1, 3], [1, 2, 3])) {
    test(`${fate === 'lose' ? 'COMMIT' : 'the answer to COMMIT'} number ${nth} is lost: every effect is there once`, async () => {
      await checkLoss(isCommit, nth, fate)
    })
  }
  for (const nth of size([2], [1, 2])) {
    test(`${fate === 'lose' ? 'a move' : 'the answer to a move'}, number ${nth}, is lost: every effect is there once`, async () => {
      await checkLoss(isMove, nth, fate)
    })
  }
}

/** Drives a run by a worker that loses the `nth` of what it sends of a kind. */
async function checkLoss(isIt: (sent: Buffer) => boolean, nth: number, fate: Fate): Promise<void> {
  let seen = 0
  await using proxy = await startProxy(db.url, (sent) => (isIt(sent) && ++seen === nth ? fate : 'pass'))
  await using _ = await startWorker({ workflows: [doubtful], databaseUrl: proxy.url, listenUrl: db.url })
  const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'doubtful', input: {} })
  const run = await finished(db.url, id)
  assert.equal(run.status, 'completed', String(run.error))
  assert.ok(seen >= nth, 'it was lost')
  const rows = await db.rows<{ effect: string }>('select effect from effects where run = $1', [id])
  assert.deepEqual(
    rows.map(({ effect }) => effect),
    ALL,
  )
  const failed = await db.rows("select error from stepcast.attempts where run_id = $1 and status = 'failed'", [id])
  assert.deepEqual(failed, [], 'no step was told to have failed')
}
