import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { callPrepared } from '../../db/call.ts'
import { translate, VersionError } from '../../db/errors.ts'
import { silent } from '../../db/logger.ts'
import { startRun } from '../../db/runs.ts'
import { taskName } from '../../worker/register.ts'
import { startWorker } from '../../worker/start.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { finished } from '../support/wait.ts'

const db = await useDatabase()

/** As `migrate` of a version does in which a function has other arguments, or other columns. */
for (const [change, sql, undo] of [
  [
    'the end of a step',
    'alter function stepcast.advance_runs rename to advance_runs_of_the_next',
    'alter function stepcast.advance_runs_of_the_next rename to advance_runs',
  ],
  [
    'the beginning of a sub-step',
    'alter function stepcast.begin_substep rename to begin_substep_of_the_next',
    'alter function stepcast.begin_substep_of_the_next rename to begin_substep',
  ],
  [
    'the answer to it',
    `alter function stepcast.begin_substep rename to begin_substep_of_old;
     create function stepcast.begin_substep(p_run uuid, p_lease bigint, p_parent bigint, p_parent_attempt integer, p_step text)
     returns table (id bigint, attempt integer, completed boolean, output jsonb, added text)
     language sql
     security definer
     as 'select *, null from stepcast.begin_substep_of_old($1, $2, $3, $4, $5)'`,
    `drop function stepcast.begin_substep;
     alter function stepcast.begin_substep_of_old rename to begin_substep`,
  ],
] as const) {
  test(`a run whose worker is of another version than the database waits for a worker that is not: ${change}`, async () => {
    const runs = Promise.withResolvers<void>()
    const isChanged = Promise.withResolvers<void>()
    const definition = workflow('rolling').step('work', async (ctx) => {
      await ctx.substep('before', () => {})
      runs.resolve()
      await isChanged.promise
      // On as many sessions as may have prepared it.
      await Promise.all(Array.from({ length: 4 }, (_, n) => ctx.substep(`after ${n}`, () => {})))
      return 'done'
    })
    const gaveBack = Promise.withResolvers<void>()
    const logger = { ...silent, warn: (_: object, text: string) => /given back/.test(text) && gaveBack.resolve() }
    const old = await startWorker({ workflows: [definition], databaseUrl: db.url, logger })
    const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'rolling', input: {} })
    await runs.promise
    await db.rows(sql)
    isChanged.resolve()
    await Promise.race([gaveBack.promise, finished(db.url, id)])
    await old.stop()
    await db.rows(undo)
    await using _ = await startWorker({ workflows: [definition], databaseUrl: db.url })
    const run = await finished(db.url, id)
    assert.deepEqual([run.status, run.error, run.output], ['completed', null, 'done'])
  })
}

test('who misses a function is told first that a newer version may have dropped it', async () => {
  const asking = callPrepared(db.pool, 'dropped', 'select stepcast.dropped_by_the_next()', [])
  await assert.rejects(
    asking,
    /If a newer version has migrated it, start this process in that version\. Otherwise run: /,
  )
})

test('a prepared statement with another answer is known as that, whatever language the database speaks', async () => {
  const client = await db.pool.connect()
  const ask = () => callPrepared(client, 'answers', 'select * from answers', [])
  await client.query('create table answers (one integer)')
  await ask()
  await client.query('alter table answers add column another integer')
  const { cause } = (await ask().catch((error) => error)) as VersionError
  client.release()
  const inGerman = Object.assign(cause as Error, { message: 'gecachter Plan darf den Ergebnistyp nicht ändern' })
  assert.ok(translate(inGerman) instanceof VersionError)
})

test('the version of a workflow stays what it was, or its runs of before would wait for ever', () => {
  const pinned = workflow('pinned', {
    displayName: { en: 'Pinned “{path}”', 'zh-CN': '固定' },
    input: z.object({ path: z.string(), size: z.number().int().optional(), kind: z.enum(['a', 'b']).default('a') }),
    timeout: '1h',
    concurrency: { limit: 2, key: '{path}' },
    onFailure: 'finish-siblings',
  })
    .step('plain', () => {})
    .step(
      'all',
      { weight: 2, substeps: ['x'], needs: [], whenSkipped: 'skip', retry: { attempts: 3 }, timeout: '5m' },
      () => {},
    )
    .onEnd(() => {})
  assert.equal(taskName(pinned), 'stepcast:pinned:1e85c53c9847')
})
