import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { z } from 'zod'
import { startRun } from '../../db/runs.ts'
import { copy, copyLazily } from '../../worker/copy.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { startProxy } from '../support/proxy.ts'
import { finished, pollForRow } from '../support/wait.ts'

const db = await useDatabase()
const start = (workflow: string, input: unknown = {}) =>
  startRun(db.pool, { tenant: 'default', actor: 'test', workflow, input })

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

test('a step without needs gets what an operator wrote as the result of an earlier step beside it', async () => {
  const written = Promise.withResolvers<void>()
  const operated = workflow('operated_beside')
    .step('given', ({ signal }) => new Promise<number>((resolve) => signal.addEventListener('abort', () => resolve(1))))
    .step('beside', { needs: [] }, () => written.promise)
    .step('last', ({ results }) => results.given)
  await using _ = await startWorker({ workflows: [operated], databaseUrl: db.url })
  const { id } = await start('operated_beside')
  const isRunning = "select from stepcast.steps where run_id = $1 and step = 'beside' and status = 'running'"
  await pollForRow(db.url, isRunning, [id])
  await db.rows("update stepcast.steps set status = 'completed', output = '42' where run_id = $1 and step = 'given'", [
    id,
  ])
  written.resolve()
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

test('what a try does to its results and its input is not met by the next try, nor by another step', async () => {
  const loaded: string[] = []
  const consuming = workflow('consuming', { input: z.object({ tables: z.array(z.object({ name: z.string() })) }) })
    .step('parse', () => ({ files: ['a', 'b'] }))
    .step('load', { retry: { attempts: 2, delay: 1 } }, ({ attempt, input, results }) => {
      for (let file = results.parse.files.shift(); file; file = results.parse.files.shift()) {
        loaded.push(`${file} ${input.tables.pop()?.name}`)
        if (attempt === 1) throw new Error('once')
      }
    })
    .step('verify', ({ input, results }) => [input.tables.length, results.parse.files.length])
  await using _ = await startWorker({ workflows: [consuming], databaseUrl: db.url })
  const { id } = await start('consuming', { tables: [{ name: 'x' }, { name: 'y' }] })
  assert.deepEqual((await finished(db.url, id)).output, [2, 2])
  assert.deepEqual(loaded, ['a y', 'a y', 'b x'])
})

test('a copy is one of arrays and plain objects, in circles too; all else in it stays the same', () => {
  const match = /(?<year>\d+)-(?<month>\d+)/.exec('2026-11')
  const day = new Date(0)
  const node: Record<string, unknown> = { day, match, list: [1, [2]] }
  node.self = node
  node.again = node.list
  const made = copy(node)
  assert.deepEqual(made, node)
  assert.notEqual(made, node)
  assert.deepEqual([made.self === made, made.again === made.list, made.list === node.list], [true, true, false])
  assert.deepEqual([made.day === day, made.match === match], [true, true])
  const hostile = JSON.parse('{"__proto__": {"admin": true}}')
  assert.equal(JSON.stringify(copy(hostile)), JSON.stringify(hostile))
  assert.equal((copy(hostile) as { admin?: boolean }).admin, undefined)
  const results = copyLazily({ parse: { files: ['a'] } }) as { parse: { files: string[] } }
  assert.equal(inspect(results), "{ parse: { files: [ 'a' ] } }")
  assert.equal(results.parse.files.shift(), 'a')
  assert.deepEqual(results, { parse: { files: [] } })
})

test('what gives nothing gives null, whether it has just ended or is read from its row', async () => {
  const given: unknown[] = []
  const silent = workflow('silent')
    .step('nothing', () => {})
    .step('parts', { retry: { attempts: 2, delay: 1 } }, async (ctx) => {
      given.push(ctx.results.nothing, await ctx.substep('part', () => {}))
      if (ctx.attempt === 1) throw new Error('once')
    })
  await using _ = await startWorker({ workflows: [silent], databaseUrl: db.url })
  await finished(db.url, (await start('silent')).id)
  assert.deepEqual(given, [null, null, null, null])
})

test('no step can change of which run the next one is told', async () => {
  const kept = workflow('kept')
    .step('rename', ({ run }) => assert.throws(() => Object.assign(run, { id: 'another' }), TypeError))
    .step('next', ({ run }) => run.id)
  await using _ = await startWorker({ workflows: [kept], databaseUrl: db.url })
  const { id } = await start('kept')
  assert.equal((await finished(db.url, id)).output, id)
})

test('a step may have whatever name, and its result is there by that', async () => {
  const odd = workflow('odd')
    .step('__proto__', () => ({ made: 1 }))
    .step('constructor', () => 2)
    .step('next', ({ results }) => Object.entries(results))
  await using _ = await startWorker({ workflows: [odd], databaseUrl: db.url })
  const { id } = await start('odd')
  assert.deepEqual((await finished(db.url, id)).output, [
    ['__proto__', { made: 1 }],
    ['constructor', 2],
  ])
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
