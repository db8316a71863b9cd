import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { readRun } from '../../db/runs.ts'
import { useDatabase } from '../support/fixture.ts'
import { endedRun, exists } from './past.ts'

const db = await useDatabase()
const page = await readFile(new URL('../../docs/history.md', import.meta.url), 'utf8')

/** Every SQL statement that docs/history.md prints, as it stands there. */
const statements = [...page.matchAll(/```sql\n(.*?)```/gs)]
  .flatMap(([, block = '']) => block.split(/;\n/))
  .filter(Boolean)

function printed(part: string): string {
  const found = statements.filter((sql) => sql.includes(part))
  assert.equal(found.length, 1, part)
  return found[0] ?? ''
}

await db.rows(printed('create table project_initialization_steps'))

test('the recipe takes in what is done, as it was, and may be repeated', async () => {
  await db.rows(
    `insert into project_initialization_steps (project_id, step_name, step_order, status, error_message, started_at, completed_at)
     values
       (1, 'push_template', 2, 'completed', 'pushed on the second try', '2026-01-31 12:00:02Z', '2026-01-31 12:00:05.250Z'),
       (1, 'create_repository', 1, 'completed', null, '2026-01-31 12:00:00Z', '2026-01-31 12:00:02Z'),
       (2, 'create_repository', 1, 'completed', null, '2026-01-31 13:00:00Z', '2026-01-31 13:00:02Z'),
       (2, 'push_template', 2, 'failed', 'permission denied', '2026-01-31 13:00:02Z', '2026-01-31 13:00:03Z'),
       (2, 'finalize', 3, 'pending', null, null, null),
       (3, 'create_repository', 1, 'completed', null, null, '2026-01-31 14:00:00Z'),
       (3, 'push_template', 2, 'in_progress', null, '2026-01-31 14:00:00Z', null),
       (4, 'create_repository', 1, 'completed', null, null, '2026-01-31 15:00:00Z'),
       (4, 'push_template', 2, 'skipped', null, null, null),
       (5, 'create_repository', 1, 'failed', null, '2026-01-31 16:00:00Z', null),
       (6, 'create_repository', 1, 'pending', null, null, null),
       (7, 'create_repository', 1, 'completed', null, '2026-01-31 17:00:00Z', '2026-01-31 17:00:01Z'),
       (7, 'push_template', 2, 'pending', null, null, null)`,
  )
  const recipe = printed('import_run(jsonb_build_object(')
  const first = await db.rows<{ import_run: string }>(recipe)
  assert.deepEqual(await db.rows(recipe), first)
  const runs = await db.rows('select key, status, error, duration::integer from stepcast.runs order by key')
  assert.deepEqual(runs, [
    { key: '1', status: 'completed', error: null, duration: 5_250 },
    { key: '2', status: 'failed', error: 'permission denied', duration: 3_000 },
    { key: '4', status: 'completed', error: null, duration: 0 },
    { key: '5', status: 'failed', error: 'No reason was recorded', duration: 0 },
    { key: '7', status: 'cancelled', error: null, duration: 1_000 },
  ])
  const id = await db.value<string>("select id from stepcast.runs where key = '1'")
  const steps = (await readRun(db.pool, { tenant: 'default', run: id }))?.steps ?? []
  assert.deepEqual(
    steps.map(({ step, duration, message }) => [step, duration, message]),
    [
      ['create_repository', 2_000, null],
      ['push_template', 3_250, 'pushed on the second try'],
    ],
  )
})

test('every query of the page runs as it is printed', async () => {
  const queries = statements.filter((sql) => /^select/.test(sql) && !/import_run|purge_runs/.test(sql))
  assert.ok(queries.length >= 6)
  for (const sql of queries) await db.rows(sql)
  const [worst] = await db.rows(printed('order by failed desc'))
  assert.deepEqual([worst?.step, worst?.failed], ['create_repository', '1'])
})

test('the purge that the page prints purges what it says', async () => {
  const [old, other] = [
    await endedRun(db, 31 * 24 * 60, { workflow: 'nightly_backup' }),
    await endedRun(db, 31 * 24 * 60, { workflow: 'weekly_backup' }),
  ]
  await db.rows(printed('purge_runs'))
  assert.deepEqual([await exists(db, old), await exists(db, other)], [false, true])
})
