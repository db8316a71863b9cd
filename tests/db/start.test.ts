import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { makeWorkerUtils } from 'graphile-worker'
import { Announcer } from '../../db/announcer.ts'
import { silent } from '../../db/logger.ts'
import { startRun } from '../../db/runs.ts'
import { Starter } from '../../db/starter.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { pollForRow } from '../support/wait.ts'

const db = await useDatabase()
const importFile = workflow('import_file', { displayName: { en: 'Importing “{path}”', 'zh-CN': '正在导入 “{path}”' } })
  .step('parse', { weight: 1, displayName: { en: 'Parse', 'zh-CN': '解析' } }, () => {})
  .step('load', { weight: 5, substeps: ['check', 'copy'] }, () => {})

await registerWorkflows(db.pool, [importFile])

const start = (input: object, key?: string, again = false) =>
  startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'import_file', input, key, again })

test('a started run has its names, all its steps as pending, and a job', async () => {
  const { id } = await start({ path: 'a.csv' })
  const [run] = await db.rows(
    'select display_name, display_names, created_by, status from stepcast.runs where id = $1',
    [id],
  )
  assert.deepEqual(run, {
    display_name: 'Importing “a.csv”',
    display_names: { en: 'Importing “a.csv”', 'zh-CN': '正在导入 “a.csv”' },
    created_by: 'test',
    status: 'pending',
  })
  const steps = await db.rows(
    'select step, weight::integer, status from stepcast.steps where run_id = $1 order by id',
    [id],
  )
  assert.deepEqual(steps, [
    { step: 'parse', weight: 1, status: 'pending' },
    { step: 'load', weight: 5, status: 'pending' },
    { step: 'check', weight: 1, status: 'pending' },
    { step: 'copy', weight: 1, status: 'pending' },
  ])
  assert.equal(await db.value('select count(*)::integer from graphile_worker.jobs where key = $1', [id]), 1)
})

test('runs get their jobs also after Graphile’s cleanup has deleted the task of their workflow', async () => {
  await registerWorkflows(db.pool, [workflow('forgotten').step('work', () => {})])
  const utils = await makeWorkerUtils({ connectionString: db.url })
  for (const priorities of [[0], [3, 4]]) {
    await utils.cleanup({ tasks: ['GC_TASK_IDENTIFIERS'] })
    const starts = priorities.map((priority) => ({ actor: 'test', tenant: 'default', input: {}, priority }))
    const started = await db.value<string[]>("select stepcast.start_runs('forgotten', $1)", [JSON.stringify(starts)])
    const jobs = await db.rows<{ run: string; priority: number }>(
      `delete from graphile_worker._private_jobs j
       using graphile_worker._private_tasks t
       where t.id = j.task_id and t.identifier like 'stepcast:forgotten:%'
       returning payload ->> 'run' as run, priority`,
    )
    assert.deepEqual(
      jobs.toSorted((a, b) => a.priority - b.priority),
      started.map((run, index) => ({ run, priority: priorities[index] })),
    )
  }
  await utils.release()
})

test('a run that is started in a transaction that rolls back leaves nothing, no job either', async () => {
  const client = await db.pool.connect()
  await client.query('begin')
  const { rows } = await client.query<{ id: string }>("select stepcast.start_run('import_file', '{}') as id")
  await client.query('rollback')
  client.release()
  const id = rows[0]?.id
  assert.equal(await db.value('select count(*)::integer from stepcast.runs where id = $1', [id]), 0)
  assert.equal(await db.value('select count(*)::integer from graphile_worker.jobs where key = $1', [id]), 0)
})

test('a known key answers with its run; another input is refused; again starts a new one once it is finished', async () => {
  const first = await start({ path: 'a' }, 'k')
  assert.deepEqual(await start({ path: 'a' }, 'k'), { id: first.id, created: false })
  await assert.rejects(start({ path: 'b' }, 'k'), { code: 'SC007' })
  assert.deepEqual(await start({ path: 'a' }, 'k', true), { id: first.id, created: false })
  await db.rows('select stepcast.cancel_run($1)', [first.id])
  assert.deepEqual(await start({ path: 'a' }, 'k'), { id: first.id, created: false })
  const second = await start({ path: 'b' }, 'k', true)
  assert.equal(second.created, true)
  await assert.rejects(db.rows('select stepcast.retry_run($1)', [first.id]), { code: 'SC004' })
})

test('the run that was started last under a key is its newest, though the clock was set back', async () => {
  const newest = () => db.value("select run from stepcast.newest_runs('{default}', '{import_file}', '{set back}')")
  const again = async () => (await start({ path: 'a' }, 'set back', true)).id
  const clock = String(await db.value("select pg_get_functiondef('stepcast.uuid_v7'::regproc)"))
  let last = await again()
  await db.rows(clock.replace('DEFAULT clock_timestamp()', "DEFAULT clock_timestamp() - interval '1 hour'"))
  try {
    for (let starts = 0; starts < 2; starts++) {
      await db.rows('select stepcast.cancel_run($1)', [last])
      last = await again()
      assert.equal(await newest(), last)
      assert.deepEqual(await start({ path: 'a' }, 'set back'), { id: last, created: false })
      assert.equal(await db.value('select count(*)::integer from graphile_worker.jobs where key = $1', [last]), 1)
    }
  } finally {
    await db.rows(clock)
  }
})

test('twenty starts at once under one key start one run', async () => {
  const started = await Promise.all(Array.from({ length: 20 }, () => start({ path: 'x' }, 'crowd')))
  assert.equal(new Set(started.map(({ id }) => id)).size, 1)
  assert.equal(started.filter(({ created }) => created).length, 1)
})

test('who does not see what was started under its key since it began is told to begin again', async () => {
  const client = await db.pool.connect()
  await client.query('begin isolation level repeatable read; select from stepcast.runs')
  const { id } = await start({ path: 'a' }, 'unseen')
  const again = () => client.query(`select stepcast.start_run('import_file', '{"path": "a"}', 'unseen') as id`)
  await assert.rejects(again(), { code: '40001', hint: 'Run the transaction again.' })
  await client.query('rollback')
  assert.equal((await again()).rows[0].id, id)
  // Another rule than that of the key is no conflict.
  await client.query('begin isolation level repeatable read')
  const twice = `select stepcast.open_run('twice', '[{"step": "a", "substeps": ["x", "x"]}]', 'k')`
  await assert.rejects(client.query(twice), { code: 'SC006' })
  await client.query('rollback')
  client.release()
})

test('runs that are started at once share transactions, are told apart, and all told of', async () => {
  const listener = await db.pool.connect()
  const announced = new Set<string>()
  let jobs = 0
  listener.on('notification', ({ channel, payload = '' }) => {
    if (channel === 'stepcast') for (const [run] of JSON.parse(payload)) announced.add(run)
    else jobs += JSON.parse(payload).count
  })
  await listener.query('listen stepcast; listen "jobs:insert"')
  const announcer = new Announcer(db.pool, silent)
  const starter = new Starter(db.pool, announcer)
  const start = (n: number, more: object = {}) =>
    starter.start({
      tenant: 'default',
      actor: `user ${n}`,
      workflow: 'import_file',
      input: { path: String(n) },
      ...more,
    })
  const numbers = Array.from({ length: 250 }, (_, n) => n)
  const started = await Promise.all(numbers.map((n) => start(n, n % 2 ? { priority: n, metadata: { n } } : {})))
  await announcer.stop()
  await listener.query('select')
  listener.release(true)

  const ids = started.map(({ id }) => id)
  const rows = await db.rows(
    `select r.display_name, r.created_by, r.priority, r.metadata, r.xmin::text as transaction,
       (select count(*)::integer from stepcast.steps s where s.run_id = r.id) as steps,
       (select actor from stepcast.journal j where j.run_id = r.id and entry = 1) as actor,
       (select count(*)::integer from graphile_worker.jobs j where j.key = r.id::text and j.priority = r.priority) as jobs
     from unnest($1::uuid[]) with ordinality wanted (id, n)
     join stepcast.runs r using (id)
     order by wanted.n`,
    [ids],
  )
  for (const n of numbers) {
    const { transaction: _, ...row } = rows[n] as Record<string, unknown>
    assert.deepEqual(row, {
      display_name: `Importing “${n}”`,
      created_by: `user ${n}`,
      priority: n % 2 ? n : 0,
      metadata: n % 2 ? { n } : {},
      steps: 4,
      actor: `user ${n}`,
      jobs: 1,
    })
  }
  assert.ok(new Set(rows.map(({ transaction }) => transaction)).size <= 4)
  assert.deepEqual([ids.filter((id) => !announced.has(id)), jobs], [[], 250])
})

test('what is refused of starts at once is refused alone', async () => {
  const starter = new Starter(db.pool, new Announcer(db.pool, silent))
  const start = (more: object = {}) =>
    starter.start({ tenant: 'default', actor: 'test', workflow: 'import_file', input: {}, ...more })
  const outcomes = await Promise.allSettled([
    start(),
    start({ priority: 100_000 }),
    start({ workflow: 'unheard_of' }),
    start({ input: { path: '\0' } }),
    start({ key: 'alone' }),
    start(),
  ])
  const told = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.created : outcome.reason.code))
  assert.deepEqual(told, [true, 'SC006', 'SC001', '22P05', true, true])
})

test('values out of range are SC006, with the value', async () => {
  const refused = (args: string, message: RegExp) =>
    assert.rejects(db.rows(`select stepcast.start_run('import_file', '{}', ${args})`), { code: 'SC006', message })
  await refused("key => ''", /key must have 1 to 255 characters/)
  await refused('priority => 100000', /priority .* not 100000/)
  await refused("metadata => '[]'", /metadata must be a JSON object, not array/)
  await refused("tenant => ''", /tenant is empty/)
})

test('an old version that registers again does not take current back, unless told to', async () => {
  const versions = () =>
    db.rows("select version, current from stepcast.workflows where name = 'evolving' order by registered_at")
  const older = workflow('evolving').step('a', () => {})
  const newer = older.step('b', () => {})
  await registerWorkflows(db.pool, [older])
  await registerWorkflows(db.pool, [newer])
  await registerWorkflows(db.pool, [older])
  assert.deepEqual(
    (await versions()).map(({ current }) => current),
    [false, true],
  )
  await registerWorkflows(db.pool, [older], { takeCurrent: true })
  assert.deepEqual(
    (await versions()).map(({ current }) => current),
    [true, false],
  )
})

test('only the newest run under a key is retried', async () => {
  const first = await start({ path: 'a' }, 'twice')
  await db.rows('select stepcast.cancel_run($1)', [first.id])
  const second = await start({ path: 'a' }, 'twice', true)
  await db.rows('select stepcast.cancel_run($1)', [second.id])
  await assert.rejects(db.rows('select stepcast.retry_run($1)', [first.id]), { code: 'SC004' })
  await db.rows('select stepcast.retry_run($1)', [second.id])
  assert.deepEqual(await start({ path: 'a' }, 'twice', true), { id: second.id, created: false })
})

test('the SQL of README.md runs as it is printed, however many runs its key has had', async () => {
  const page = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const [, block = ''] = page.match(/```sql\n(.*?)```/s) ?? []
  const statements = block.split(/;\n/).filter(Boolean)
  assert.equal(statements.length, 5)
  await registerWorkflows(db.pool, [workflow('project_init').step('work', () => {})])
  for (let n = 0; n < 2; n++) {
    for (const sql of statements) await db.rows(sql)
    await db.rows("select stepcast.cancel_run(id) from stepcast.runs where key = 'project 7' and status = 'pending'")
    await db.rows(
      `select stepcast.start_run('project_init', '{"name": "from-sql"}', key => 'project 7', again => true)`,
    )
  }
})

test('a retry that does not see the newer run of its key since it began is refused as one that sees it', async () => {
  const { id } = await start({ path: 'a' }, 'newer')
  await db.rows('select stepcast.cancel_run($1)', [id])
  const client = await db.pool.connect()
  const retry = () => client.query('select stepcast.retry_run($1)', [id]).catch(({ code, message }) => [code, message])
  await client.query('begin isolation level repeatable read; select from stepcast.runs')
  await start({ path: 'a' }, 'newer', true)
  const unseen = await retry()
  await client.query('rollback')
  assert.deepEqual(unseen, ['SC004', `run ${id} cannot be retried: there is a newer run under key newer`])
  assert.deepEqual(await retry(), unseen)
  client.release()
})

test('who changes a run and then starts its key again in one transaction meets a retry of it in no deadlock', async () => {
  const startAgain = `select stepcast.start_run('import_file', '{"path": "a"}', $1, true)`
  const scenes: [first: string, second: string, code: string][] = [
    ['select stepcast.cancel_run($1)', startAgain, 'SC004'],
    ['update stepcast.runs set metadata = \'{"superseded": true}\' where id = $1', startAgain, 'SC004'],
    ['select stepcast.delete_run($1)', startAgain, 'SC002'],
  ]
  for (const [scene, [first, second, code]] of scenes.entries()) {
    const key = `scene ${scene}`
    const { id } = await start({ path: 'a' }, key)
    if (scene > 0) await db.rows('select stepcast.cancel_run($1)', [id])
    const client = await db.pool.connect()
    await client.query('begin')
    await client.query(first, [id])
    const retry = db.rows('/* retries */ select stepcast.retry_run($1)', [id]).catch((error) => error.code)
    await pollForRow(
      db.url,
      `select from pg_stat_activity
       where datname = current_database() and query like '/* retries */%' and wait_event_type = 'Lock'`,
    )
    await client.query(second, [key])
    await client.query('commit')
    client.release()
    assert.equal(await retry, code, first)
  }
})

test('what is filled into a display name is text, never a template', async () => {
  const filled = (template: string) =>
    db.value(`select stepcast.fill_in($1, '{"a": "{b}", "b": "secret", "c": {"d": 1}}')`, [template])
  assert.equal(await filled('{a} and {c.d}, {nope} {'), '{b} and 1, {nope} {')
  assert.equal(await filled('plain'), 'plain')
})

test('a name that is filled in with nothing is the title of the workflow or the step', async () => {
  const displayName = { en: '{path} ', 'zh-CN': '导入{path}', fr: '{path}' }
  await registerWorkflows(db.pool, [
    workflow('read_file', { displayName }).step('take_in', { displayName: '{path}' }, () => {}),
  ])
  const namesOf = async (path: string) => {
    const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'read_file', input: { path } })
    const [run] = await db.rows('select display_name, display_names from stepcast.runs where id = $1', [id])
    const [step] = await db.rows('select display_name from stepcast.steps where run_id = $1', [id])
    return [run?.display_name, run?.display_names, step?.display_name]
  }
  assert.deepEqual(await namesOf(' '), ['Read file', { 'zh-CN': '导入 ' }, 'Take in'])
  assert.deepEqual(await namesOf('a'), ['a', { en: 'a ', 'zh-CN': '导入a', fr: 'a' }, 'a'])
})

test('runs share a slot only where the whole of what fills in its key is the same', async () => {
  await registerWorkflows(db.pool, [
    workflow('fetch', { concurrency: { limit: 1, key: '{url}' } }).step('work', () => {}),
  ])
  const slotOf = async (url: string) => {
    const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'fetch', input: { url } })
    return db.value('select concurrency_slot from stepcast.runs where id = $1', [id])
  }
  for (const length of [10, 300, 3000]) {
    const [one, again, other] = [`${'u'.repeat(length)}/1`, `${'u'.repeat(length)}/1`, `${'u'.repeat(length)}/2`]
    assert.equal(await slotOf(one), await slotOf(again))
    assert.notEqual(await slotOf(one), await slotOf(other), `differing after ${length} characters`)
  }
})

test('steps that cannot be are SC006, with the reason', async () => {
  for (const steps of [
    '["a", "a"]',
    '[{"step": "a", "weight": 0}]',
    '[{"step": "a", "weight": "x"}]',
    '[{"step": "a", "substeps": "b"}]',
  ]) {
    await assert.rejects(db.rows('select stepcast.open_run($1, $2)', ['video', steps]), { code: 'SC006' }, steps)
  }
  await assert.rejects(db.rows(`select stepcast.open_run(null, '["a"]')`), { code: 'SC006' })
})

test('a deadline that cannot be is SC006, and says so', async () => {
  for (const deadline of ['0', '-1 day', '1001 years', '200000 years'])
    await assert.rejects(db.rows(`select stepcast.open_run('video', '["a"]', deadline => $1)`, [deadline]), {
      code: 'SC006',
      message: /^deadline must be above 0 and at most 1000 years, not /,
    })
})

test('a run gets its place also where its concurrency key is longer than an index entry may be', async () => {
  const key = Array.from({ length: 6 }, (_, n) => `{part${n}}`).join('/')
  await registerWorkflows(db.pool, [workflow('in_turn', { concurrency: { limit: 1, key } }).step('work', () => {})])
  // Different letters, because what repeats is compressed first.
  const letters = (first: number) => Array.from({ length: 200 }, (_, n) => String.fromCodePoint(first + n)).join('')
  const input = (first: number) =>
    Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`part${n}`, letters(first + n * 300)]))
  const admit = async (first: number) => {
    const run = await db.value("select stepcast.start_run('in_turn', $1)", [JSON.stringify(input(first))])
    return db.value('select stepcast.admit_run($1)', [run])
  }
  assert.deepEqual([await admit(0x4e00), await admit(0x4e00), await admit(0x6000)], [true, false, true])
})
