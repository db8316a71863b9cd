import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { useDatabase } from '../support/fixture.ts'
import { useLogins, type Who } from './tenants.ts'

const db = await useDatabase()
const logins = await useLogins(db)
const WHO = [...logins.keys()]
const nameOf = (who: Who) => logins.get(who)?.user ?? ''

/** For view stuck_runs and the statistics: they show what their caller sees, or whether a worker lives. */
const FOR_VIEWS =
  `live_workers is_unserved stuck_steps task_name step_stats_since workflow_stats_since run_stats run_trend
  run_durations step_durations duration_edges rate_of`.split(/\s+/)
const OF_CONTRACT =
  `start_run open_run begin_step report_step complete_step fail_step skip_step log_line finish_run cancel_run
  retry_run delete_run import_run`.split(/\s+/)
const FOR_POLICIES = 'session_tenants'

test('nobody may call a function that is not for him', async () => {
  const functions = await db.rows<{ name: string } & Record<Who, boolean>>(
    `select p.proname as name, ${WHO.map((who) => `has_function_privilege('${nameOf(who)}', p.oid, 'execute') as "${who}"`).join(', ')}
     from pg_proc p
     where p.pronamespace = 'stepcast'::regnamespace`,
  )
  const of = (who: Who) =>
    functions
      .filter((row) => row[who])
      .map(({ name }) => name)
      .sort()
  const folder = (name: string) =>
    readdirSync(new URL(`../../db/${name}/`, import.meta.url)).map((file) => file.replace('.sql', ''))
  assert.deepEqual(of('nobody'), [FOR_POLICIES])
  assert.deepEqual(of('reader'), [FOR_POLICIES, ...FOR_VIEWS].sort())
  assert.deepEqual(of('stranger'), of('reader'))
  assert.deepEqual(of('writer'), [FOR_POLICIES, ...FOR_VIEWS, ...OF_CONTRACT].sort())
  const engine = of('worker').filter((name) => !OF_CONTRACT.includes(name) && name !== FOR_POLICIES)
  assert.deepEqual(
    engine.filter((name) => ![...folder('engine'), ...folder('graphile')].includes(name)),
    [],
  )
  const reads = of('server').filter((name) => ![FOR_POLICIES, ...FOR_VIEWS, ...OF_CONTRACT].includes(name))
  const operates = ['announce', 'operate_run', 'start_or_find_run', 'start_runs']
  assert.deepEqual(
    reads.filter((name) => ![...folder('reads'), ...operates].includes(name)),
    [],
  )
  for (const { name, ...may } of functions)
    if (name === 'read_metrics')
      assert.deepEqual(
        WHO.filter((who) => may[who]),
        ['server', 'owner'],
      )
    else if ([...folder('triggers'), 'open_graphile'].includes(name))
      assert.deepEqual(
        WHO.filter((who) => may[who]),
        [],
        name,
      )
})

test('whatever the code calls, a worker or a server may call', async () => {
  const files = readdirSync(new URL('../../db/', import.meta.url)).filter((name) =>
    /^(?!migrate|roles).*\.ts$/.test(name),
  )
  const called = files.flatMap((name) => [
    ...readFileSync(new URL(`../../db/${name}`, import.meta.url), 'utf8').matchAll(
      /(?:from|select|lateral|,) stepcast\.(\w+)\(/g,
    ),
  ])
  const names = new Set(called.map(([, name]) => name))
  assert.ok(names.size > 40)
  const { rows } = await db.pool.query<{ name: string }>(
    `select p.proname as name from pg_proc p where p.pronamespace = 'stepcast'::regnamespace
     and (has_function_privilege($1, p.oid, 'execute') or has_function_privilege($2, p.oid, 'execute'))`,
    [nameOf('worker'), nameOf('server')],
  )
  assert.deepEqual(
    [...names].filter((name) => !rows.some((row) => row.name === name)),
    [],
  )
})
