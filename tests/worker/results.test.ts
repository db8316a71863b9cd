import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startRun } from '../../db/runs.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { startProxy } from '../support/proxy.ts'
import { finished, pollForRow } from '../support/wait.ts'

const db = await useDatabase()
const start = (workflow: string) => startRun(db.pool, { tenant: 'default', actor: 'test', workflow, input: {} })

test('a step gets what an operator wrote as the result of a step that it needs', async () => {
  const gate = Promise.withResolvers<void>()
  const operated = workflow('operated')
    .step('given', ({ signal }) => new Promise<number>((resolve) => signal.addEventListener('abort', () => resolve(1))))
    .step('beside', { needs: [] }, () => gate.promise)
    .step('last', { needs: ['given'] }, ({ results }) => {
      gate.resolve()
      return results.given
    })
  await using _ = await startWorker({ workflows: [operated], databaseUrl: db.url })
  const { id } = await start('operated')
  await pollForRow(db.url, "select from stepcast.steps where run_id = $1 and step = 'beside' and status = 'running'", [
    id,
  ])
  await db.rows("update stepcast.steps set status = 'completed', output = '42' where run_id = $1 and step = 'given'", [
    id,
  ])
  assert.equal((await finished(db.url, id)).output, 42)
})

test('a step gets the result of one whose COMMIT was not answered yet when it begins', async () => {
  let commits = 0
  let questions = 0
  await using proxy = await startProxy(db.url, (sent) => {
    if (sent.includes('commit\0') && ++commits === 1) return 'lose answer'
    // Its process does not hear of it for a while either.
    return sent.includes('resume_run') && ++questions <= 2 ? 'lose' : 'pass'
  })
  const committed = Promise.withResolvers<void>()
  const doubtful = workflow('doubtful_result')
    .step('lost', async (ctx) => {
      await ctx.tx.query('select 1')
      return 42
    })
    .step('beside', { needs: [] }, () => committed.promise)
    .step('last', { needs: ['lost', 'beside'] }, ({ results }) => results.lost)
  await using _ = await startWorker({ workflows: [doubtful], databaseUrl: proxy.url, listenUrl: db.url })
  const { id } = await start('doubtful_result')
  await pollForRow(db.url, "select from stepcast.steps where run_id = $1 and step = 'lost' and status = 'completed'", [
    id,
  ])
  committed.resolve()
  assert.equal((await finished(db.url, id)).output, 42)
})

test('names with slashes give idempotency keys of their own', async () => {
  const keys: string[] = []
  const slashed = workflow('slashed')
    .step('a', async (ctx) => {
      await ctx.substep('b', (sub) => void keys.push(sub.idempotencyKey))
    })
    .step('a/b', (ctx) => void keys.push(ctx.idempotencyKey))
  await using _ = await startWorker({ workflows: [slashed], databaseUrl: db.url })
  const { id } = await start('slashed')
  await finished(db.url, id)
  assert.deepEqual(keys, [`${id}/a/b`, `${id}/a%2Fb`])
})
