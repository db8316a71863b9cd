import assert from 'node:assert/strict'
import { test } from 'node:test'
import type pg from 'pg'
import { readRun } from '../../db/runs.ts'
import { useDatabase } from '../support/fixture.ts'
import { attempt, makeRuns, OWN, registerJob, useLogins } from './tenants.ts'

const db = await useDatabase()
await registerJob(db)
const runs = await makeRuns(db, OWN)
const writer = (await useLogins(db)).get('writer') as pg.Client

const NAME = 200
const KEY = 255
const TEXT = 20_000
const STACK = 100_000
const METADATA = 256 * 1024
const JSON_BYTES = 1024 * 1024
const LEVELS = 1_000

/** Bytes of `{"a": "…"}` beside its text. */
const AROUND = '{"a": ""}'.length
const object = (size: number) => `jsonb_build_object('a', repeat('x', ${size - AROUND}))`
const deep = (levels: number) => `('{"a":' || repeat('[', ${levels - 1}) || repeat(']', ${levels - 1}) || '}')::jsonb`
const text = (size: number) => `repeat('é', ${size})`
const called = (size: number) => `jsonb_build_array(jsonb_build_object('step', 'a', 'displayName', ${text(size)}))`
const history = (member: string) =>
  `stepcast.import_run(jsonb_build_object('workflow', 'w', 'tenant', '${OWN}', 'status', 'cancelled', 'completed_at', '2026-01-01', 'steps', '[]'::jsonb, ${member}))`
const step = (member: string) =>
  history(
    `'steps', jsonb_build_array(jsonb_build_object('step', 's', 'status', 'failed', 'started_at', '2026-01-01', 'completed_at', '2026-01-01', 'error', 'e') || jsonb_build_object(${member}))`,
  )
const { running, pending, finished } = runs

/** What a caller can write, as long as may be. */
const WRITES: [most: number, sql: (size: number) => string][] = [
  [NAME, (size) => `select stepcast.begin_step('${running}', 'now/' || ${text(size)})`],
  [NAME, (size) => `select stepcast.open_run('w', jsonb_build_array(${text(size)}), tenant => '${OWN}')`],
  [NAME, (size) => `select stepcast.open_run(${text(size)}, '[]', tenant => '${OWN}')`],
  [KEY, (size) => `select stepcast.open_run('w', '[]', ${text(size)}, tenant => '${OWN}')`],
  [KEY, (size) => `select stepcast.start_run('job', '{}', ${text(size)}, tenant => '${OWN}')`],
  [METADATA, (size) => `select stepcast.open_run('w', '[]', tenant => '${OWN}', metadata => ${object(size)})`],
  [METADATA, (size) => `select stepcast.start_run('job', tenant => '${OWN}', metadata => ${object(size)})`],
  [JSON_BYTES, (size) => `select stepcast.start_run('job', ${object(size)}, tenant => '${OWN}')`],
  [LEVELS, (levels) => `select stepcast.start_run('job', ${deep(levels)}, tenant => '${OWN}')`],
  [LEVELS, (levels) => `select stepcast.open_run('w', '[]', tenant => '${OWN}', metadata => ${deep(levels)})`],
  [LEVELS, (levels) => `select stepcast.complete_step('${running}', 'now', ${deep(levels)})`],
  [LEVELS, (levels) => `update stepcast.runs set metadata = ${deep(levels)} where id = '${running}'`],
  [LEVELS, (levels) => `select ${history(`'output', ${deep(levels)}`)}`],
  [TEXT, (size) => `select stepcast.report_step('${running}', 'now', 1, ${text(size)})`],
  [METADATA, (size) => `select stepcast.report_step('${running}', 'now', metadata => ${object(size)})`],
  [TEXT, (size) => `select stepcast.log_line('${running}', null, 'info', ${text(size)})`],
  [JSON_BYTES, (size) => `select stepcast.complete_step('${running}', 'now', ${object(size)})`],
  [TEXT, (size) => `select stepcast.fail_step('${running}', 'now', ${text(size)})`],
  [STACK, (size) => `select stepcast.fail_step('${running}', 'now', 'e', ${text(size)})`],
  [TEXT, (size) => `select stepcast.skip_step('${running}', 'next', ${text(size)})`],
  [TEXT, (size) => `select stepcast.cancel_run('${pending}', ${text(size)})`],
  [TEXT, (size) => `select stepcast.delete_run('${finished}', ${text(size)})`],
  [TEXT, (size) => `update stepcast.steps set message = ${text(size)} where run_id = '${running}' and step = 'now'`],
  [
    METADATA,
    (size) => `update stepcast.steps set metadata = ${object(size)} where run_id = '${running}' and step = 'now'`,
  ],
  [
    METADATA,
    (size) => `update stepcast.steps set messages = ${object(size)} where run_id = '${running}' and step = 'now'`,
  ],
  [
    TEXT,
    (size) =>
      `update stepcast.steps set status = 'failed', error = ${text(size)} where run_id = '${running}' and step = 'now'`,
  ],
  [METADATA, (size) => `update stepcast.runs set metadata = ${object(size)} where id = '${running}'`],
  [TEXT, (size) => `update stepcast.runs set display_name = ${text(size)} where id = '${running}'`],
  [TEXT, (size) => `select stepcast.open_run('w', ${called(size)}, tenant => '${OWN}')`],
  [
    TEXT,
    (size) =>
      `select stepcast.open_run('w', jsonb_build_array(jsonb_build_object('step', 'a', 'substeps', ${called(size)})), tenant => '${OWN}')`,
  ],
  [TEXT, (size) => `select ${history(`'display_name', ${text(size)}`)}`],
  [JSON_BYTES, (size) => `select ${history(`'output', ${object(size)}`)}`],
  [TEXT, (size) => `select ${step(`'error', ${text(size)}`)}`],
  [TEXT, (size) => `select ${step(`'message', ${text(size)}`)}`],
]

test('what a caller writes may be so long and no longer, wherever it is kept', async () => {
  for (const [most, sql] of WRITES) {
    const fitting = await attempt(writer, sql(most))
    assert.equal(fitting.code, null, `${sql(most)}: ${fitting.message}`)
    const { code, message } = await attempt(writer, sql(most + 1))
    assert.equal(code, 'SC006', `${sql(most + 1)}: ${code} ${message}`)
    assert.ok(message.length < 1_000, message)
  }
})

const named = (count: number) => `(select jsonb_agg('s' || n) from generate_series(1, ${count}) n)`
const imported = (count: number) =>
  history(
    `'steps', (select jsonb_agg(jsonb_build_object('step', 's' || n, 'status', 'pending')) from generate_series(1, ${count}) n)`,
  )
const tried = (count: number) =>
  step(
    `'attempts', (select jsonb_agg(jsonb_build_object('status', 'failed', 'started_at', '2026-01-01', 'completed_at', '2026-01-01')) from generate_series(1, ${count}))`,
  )
/** A list of one step, and below it one of one, and so on. */
const nested = (depth: number) => `${'[{"step": "a", "substeps": '.repeat(depth)}["a"]${'}]'.repeat(depth)}`

/** How many there may be of it in one run. */
const COUNTS: [most: number, sql: (count: number) => string][] = [
  [1_000, (count) => `select stepcast.open_run('w', ${named(count)}, tenant => '${OWN}')`],
  [10, (depth) => `select stepcast.open_run('w', '${nested(depth)}', tenant => '${OWN}')`],
  [1_000, (count) => `select ${tried(count)}`],
  [1_000_000, (count) => `select ${step(`'attempts', ${count}`)}`],
  [1e15, (weight) => `select stepcast.open_run('w', '[{"step": "a", "weight": ${weight}}]', tenant => '${OWN}')`],
  [
    1e15,
    (weight) =>
      `select stepcast.open_run('w', '[{"step": "a", "substeps": [{"step": "b", "weight": ${weight}}]}]', tenant => '${OWN}')`,
  ],
]

test('of steps, levels and attempts there may be so many and no more', async () => {
  for (const [most, sql] of COUNTS) {
    const fitting = await attempt(writer, sql(most))
    assert.equal(fitting.code, null, `${sql(most)}: ${fitting.message}`)
    assert.equal((await attempt(writer, sql(most + 1))).code, 'SC006', sql(most + 1))
  }
  assert.equal((await attempt(writer, `select ${imported(10_001)}`)).code, 'SC006')
  for (const weight of ['"NaN"', '"Infinity"', 0])
    for (const sql of COUNTS.slice(-2)) assert.equal((await attempt(writer, sql[1](weight as number))).code, 'SC006')
})

test('times are such that others can be counted from them, and browsers can show them', async () => {
  const start = (at: string) =>
    attempt(writer, `select stepcast.start_run('job', tenant => '${OWN}', run_at => '${at}')`)
  assert.equal((await start('9999-12-30')).code, null)
  for (const at of ['infinity', '-infinity', '1969-12-31', '10000-01-01'])
    assert.equal((await start(at)).code, 'SC006', at)
  const past = (at: string) => attempt(writer, `select ${history(`'completed_at', '${at}'`)}`)
  assert.equal((await past('1970-01-02')).code, null)
  for (const at of ['infinity', '-infinity', '1969-12-31', '2999-01-01'])
    assert.equal((await past(at)).code, 'SC006', at)
})

test('a run takes ten thousand added sub-steps, ten levels deep, and a million log lines', async () => {
  const counted = (what: string) =>
    db.rows(`update stepcast.runs set ${what}, revision = revision + 1 where id = $1`, [running])
  const add = (name: string) => attempt(writer, `select stepcast.begin_step('${running}', 'now/${name}')`)
  await counted('substeps_added = 9999')
  assert.equal((await add('last')).code, null)
  await counted('substeps_added = 10000')
  const { code, message } = await add('one more')
  assert.deepEqual([code, message], ['SC006', `run ${running} has 10000 added sub-steps, which is the limit`])
  assert.equal((await attempt(writer, `select stepcast.report_step('${running}', 'now', 5)`)).code, null)
  await counted('substeps_added = 0')

  const deep = (depth: number) =>
    attempt(
      writer,
      Array.from(
        { length: depth },
        (_, n) => `select stepcast.begin_step('${running}', 'now${'/a'.repeat(n + 1)}')`,
      ).join('; '),
    )
  assert.equal((await deep(10)).code, null)
  assert.equal((await deep(11)).code, 'SC006')

  const line = `select stepcast.log_line('${running}', null, 'info', 'x')`
  await counted('log_lines = 999999')
  assert.equal((await attempt(writer, line)).code, null)
  await counted('log_lines = 1000000')
  assert.equal((await attempt(writer, line)).code, 'SC006')
})

test('what is added is counted, and what is begun again is not', async () => {
  const [run] = (await writer.query(`select stepcast.open_run('w', '["a", "b"]', tenant => '${OWN}') as id`)).rows
  for (const path of ['a', 'a/x', 'a/x/y', 'b'])
    await writer.query('select stepcast.begin_step($1, $2)', [run.id, path])
  await writer.query("select stepcast.fail_step($1, 'a', 'broken'), stepcast.retry_run($1)", [run.id])
  await writer.query("select stepcast.begin_step($1, 'a'), stepcast.begin_step($1, 'a/x')", [run.id])
  assert.equal(await db.value('select substeps_added from stepcast.runs where id = $1', [run.id]), 2)
})

test('where the steps of a run hold 16 MiB, nothing large is taken any more, and what is small is', async () => {
  const writes = (bytes: number) => [
    `select stepcast.report_step('${running}', 'now', message => ${text(bytes / 2)})`,
    `select stepcast.report_step('${running}', 'now', metadata => ${object(bytes)})`,
    `select stepcast.fail_step('${running}', 'now', 'e', ${text(bytes / 2)})`,
    `select stepcast.skip_step('${running}', 'next', ${text(bytes / 2)})`,
    `update stepcast.steps set message = ${text(bytes / 2)} where run_id = '${running}' and step = 'now'`,
  ]
  await db.rows(
    `update stepcast.steps set metadata = ${object(16 * 2 ** 20)}, revision = revision + 1 where run_id = $1 and step = 'done'`,
    [running],
  )
  for (const sql of writes(10_000)) assert.equal((await attempt(writer, sql)).code, 'SC006', sql)
  for (const sql of writes(8_000)) assert.equal((await attempt(writer, sql)).code, null, sql)
})

test('a step that is driven from outside has a thousand attempts', async () => {
  const tries = JSON.stringify({ status: 'cancelled', started_at: '2026-01-01', completed_at: '2026-01-01' })
  const open = (attempts: string) =>
    db.value<string>(
      `select stepcast.import_run(jsonb_build_object('workflow', 'w', 'tenant', '${OWN}', 'status', 'cancelled',
         'steps', jsonb_build_array(${`'${tries}'::jsonb`} || jsonb_build_object('step', 'a', 'attempts', ${attempts}))))`,
    )
  const begin = (run: string) =>
    attempt(writer, "select stepcast.begin_step($1, 'a')", [run], `select stepcast.retry_run('${run}')`)
  const list = (count: number) => `(select jsonb_agg('${tries}'::jsonb) from generate_series(1, ${count}))`
  assert.equal((await begin(await open(list(999)))).code, null)
  const run = await open(list(1_000))
  const { code, message } = await begin(run)
  assert.deepEqual([code, message], ['SC006', `step a of run ${run} has had 1000 attempts, which is the limit`])
  assert.equal((await begin(await open('5000'))).code, null, 'of which one is kept')
})

test('of a run’s attempts are read the newest of each step and the latest, until these hold 16 MiB', async () => {
  const run = await db.value<string>(`select stepcast.open_run('w', '["a", "b"]', tenant => '${OWN}')`)
  await db.rows("select stepcast.begin_step($1, 'a'), stepcast.begin_step($1, 'b')", [run])
  // Of `b` one before them all; of `a` twenty, of a MiB each, and one that goes on.
  await db.rows(
    `insert into stepcast.attempts (step_id, run_id, tenant, attempt, status, error, error_stack, completed_at)
     select s.id, run_id, tenant, attempt.number, 'failed', repeat('é', 24576), repeat('x', 1048576 - 49152), clock_timestamp()
     from stepcast.steps s
     cross join generate_series(2, 21) attempt (number)
     where s.run_id = $1 and s.step = 'a'
     order by attempt.number`,
    [run],
  )
  await db.rows(
    `insert into stepcast.attempts (step_id, run_id, tenant, attempt)
     select id, run_id, tenant, 22 from stepcast.steps where run_id = $1 and step = 'a'`,
    [run],
  )
  const { attempts, steps } = (await readRun(db.pool, { tenant: OWN, run })) ?? assert.fail()
  const of = (name: string) =>
    attempts
      .filter(({ stepId }) => stepId === steps.find(({ step }) => step === name)?.id)
      .map(({ attempt }) => attempt)
  assert.deepEqual(of('b'), [1])
  assert.deepEqual(
    of('a'),
    [...Array(16).keys()].map((n) => n + 7),
  )
})

/** Plain updates of a run or its step that have larger texts and metadata than these may write. */
const LEAVING: ['steps' | 'runs', string][] = [
  ['steps', "status = 'skipped'"],
  ['steps', 'progress = 50'],
  ['steps', "message = 'short'"],
  ['steps', "metadata = '{}'"],
  ['runs', "display_name = 'short'"],
  ['runs', "metadata = '{}'"],
]
const TOUCHING: ['steps' | 'runs', string][] = [
  ['steps', "message = message || '!'"],
  ['steps', "messages = messages || jsonb_build_object('b', 1)"],
  ['steps', "metadata = metadata || jsonb_build_object('b', 1)"],
  // The same number, and ever so long.
  ['steps', "status = 'skipped', metadata = jsonb_set(metadata, '{one}', ('1.' || repeat('0', 16000))::jsonb)"],
  ['runs', "display_name = display_name || '!'"],
  ['runs', "display_names = display_names || jsonb_build_object('b', 1)"],
  ['runs', "metadata = metadata || jsonb_build_object('b', 1)"],
]

test('a plain update may leave as it is what is larger than it may write', async () => {
  const [run] = (await writer.query(`select stepcast.open_run('w', '["a", "b"]', tenant => '${OWN}') as id`)).rows
  await writer.query("select stepcast.begin_step($1, 'a')", [run.id])
  await db.rows(
    `update stepcast.runs
     set display_name = ${text(TEXT + 1)}, display_names = ${object(METADATA + 1)}, metadata = ${object(JSON_BYTES)}, revision = revision + 1
     where id = $1`,
    [run.id],
  )
  await db.rows(
    `update stepcast.steps
     set message = ${text(TEXT + 1)}, messages = ${object(METADATA + 1)}, metadata = ${object(JSON_BYTES)} || '{"one": 1}', revision = revision + 1
     where run_id = $1 and step = 'a'`,
    [run.id],
  )
  const change = (table: 'steps' | 'runs', set: string) =>
    attempt(
      writer,
      `update stepcast.${table} set ${set} where ${table === 'runs' ? 'id = $1' : "run_id = $1 and step = 'a'"}`,
      [run.id],
    )
  for (const [table, set] of LEAVING) {
    const { code, message, rowCount } = await change(table, set)
    assert.deepEqual([code, rowCount], [null, 1], `${set}: ${message}`)
  }
  for (const [table, set] of TOUCHING) assert.equal((await change(table, set)).code, 'SC006', set)
  await db.rows(
    `update stepcast.steps set metadata = ${object(16 * 2 ** 20)}, revision = revision + 1 where run_id = $1 and step = 'b'`,
    [run.id],
  )
  for (const set of ["status = 'skipped'", 'progress = 60']) assert.equal((await change('steps', set)).code, null, set)
})

test('metadata does not grow beyond it by being merged', async () => {
  const half = `select stepcast.report_step('${running}', 'now', metadata => jsonb_build_object('part', repeat('x', 200000)))`
  const more = `select stepcast.report_step('${running}', 'now', metadata => jsonb_build_object('other', repeat('x', 200000)))`
  assert.equal((await attempt(writer, `${half}; ${more}`)).code, 'SC006')
})

test('a long text that is stored compressed counts as long as it is', async () => {
  const { code } = await attempt(
    writer,
    `select stepcast.report_step('${running}', 'now', 1, long) from kept`,
    [],
    "create temporary table kept as select repeat('x', 1000000) as long",
  )
  assert.equal(code, 'SC006')
})
