import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { useDatabase } from '../support/fixture.ts'
import { startProcess } from '../support/process.ts'

const main = join(import.meta.dirname, '../../cli/main.ts')
const db = await useDatabase()

/** A completed run of a few seconds that ended so many days ago. */
function past(workflow: string, daysAgo: number): Promise<string> {
  return db.value(
    `select stepcast.import_run(jsonb_build_object('workflow', $1::text, 'status', 'completed', 'steps', jsonb_build_array(
       jsonb_build_object('step', 'dump', 'status', 'completed', 'attempts', 2,
         'started_at', now() - make_interval(days => $2) - interval '3 seconds', 'completed_at', now() - make_interval(days => $2)))))`,
    [workflow, daysAgo],
  )
}

function stepcast(args: string[], env: object = {}) {
  return startProcess(main, args, { env: { DATABASE_URL: db.url, NO_COLOR: '1', ...env } })
}

async function run(args: string[], env: object = {}): Promise<{ code: unknown; output: string }> {
  const command = stepcast(args, env)
  return { code: await command.ended, output: command.output().trim() }
}

test('delete erases a finished run with the reason in its journal, and says why not', async () => {
  const id = await past('deleted', 1)
  assert.deepEqual(await run(['delete', id, '--reason', 'a test']), { code: 0, output: `Deleted ${id}` })
  assert.equal(
    await db.value("select reason from stepcast.journal where run_id = $1 and action = 'delete'", [id]),
    'a test',
  )
  const open = await db.value<string>(`select stepcast.open_run('deleted', '["a"]')`)
  const refused = await run(['delete', open])
  assert.equal(refused.code, 1)
  assert.match(refused.output, /it is pending\nCancel it first\./)
})

test('a command’s transactions are read committed, whatever the database has', async () => {
  const id = await past('isolated', 1)
  await db.rows(`
    create table levels (level text);
    create function note_level() returns trigger language plpgsql as $$ begin
      insert into public.levels values (current_setting('transaction_isolation'));
      return old;
    end $$;
    create trigger note_level before delete on stepcast.runs for each row execute function note_level();
    do $$ begin
      execute format('alter database %I set default_transaction_isolation = serializable', current_database());
    end $$`)
  try {
    assert.equal((await run(['delete', id])).code, 0)
    assert.deepEqual(await db.rows('select level from levels'), [{ level: 'read committed' }])
  } finally {
    await db.rows(`
      drop trigger note_level on stepcast.runs;
      do $$ begin
        execute format('alter database %I reset default_transaction_isolation', current_database());
      end $$`)
  }
})

test('stats are a table for people, or a JSON object a workflow', async () => {
  await past('counted', 1)
  await past('counted', 10)
  const { output } = await run(['stats', '--workflow', 'counted'])
  const [head, first, step] = output.split('\n').map((line) => line.trim().split(/ {2,}/))
  assert.deepEqual(head, ['runs', 'success', 'failed', 'retries', 'average', 'p50', 'p95'])
  assert.deepEqual(first, ['counted', '2', '100.0 %', '0', '2', '3.0 s', '3.0 s', '3.0 s'])
  assert.deepEqual(step, ['dump', '2', '100.0 %', '0', '2', '3.0 s', '3.0 s', '3.0 s'])
  const since = `${new Date(Date.now() - 5 * 24 * 3_600_000).toISOString().slice(0, 16)}Z`
  const lines = (await run(['stats', '--json', '--since', since])).output.split('\n').map((line) => JSON.parse(line))
  assert.equal(lines.find(({ workflow }) => workflow === 'counted').runs, 1)
  for (const date of ['2026-02-31', '2026-02-30T00:00', '0000-01-01'])
    assert.match((await run(['stats', '--since', date])).output, /--since is a date or a time/, date)
  const wrong = await run(['stats', '--since', 'yesterday'])
  assert.deepEqual([wrong.code, /not yesterday/.test(wrong.output)], [2, true])
})

test('stats say 100 % only where all were successful, and 0 % only where none was', async () => {
  await db.rows(
    `select stepcast.import_run(jsonb_build_object('workflow', workflow, 'status', status, 'steps', jsonb_build_array(
       jsonb_build_object('step', 'dump', 'status', status, 'error', error, 'started_at', now() - interval '1 s', 'completed_at', now()))))
     from generate_series(1, 2500) n, (values ('completed', null), ('failed', 'It did not work')) ended (status, error),
       (values ('hardly', 'failed'), ('only just', 'completed')) known (workflow, once)
     where (n = 1) = (status = once)`,
  )
  const { output } = await run(['stats'])
  assert.match(output, /hardly +2500 +99\.9 % +1 /)
  assert.match(output, /only just +2500 +0\.1 % +2499 /)
})

test('stats of nothing say so', async () => {
  assert.deepEqual(await run(['stats', '--workflow', 'none']), { code: 0, output: 'No finished run was found.' })
})

test('purge says how many it would delete, deletes them batch by batch, and says which it passed over', async () => {
  const [held] = [await past('purged', 40), await past('purged', 40), await past('purged', 20)]
  await db.rows('create table projects (run uuid references stepcast.runs)')
  await db.rows('insert into projects values ($1)', [held])
  const age = ['--older-than', '30 days', '--workflow', 'purged']
  const dry = await run(['purge', ...age, '--dry-run'])
  assert.deepEqual([dry.code, /^Would purge 2 runs/.test(dry.output)], [0, true])
  const { code, output } = await run(['purge', ...age])
  assert.equal(code, 0)
  assert.match(output, /^ {0,2}1 run; 1 passed over.*\nPurged 1 run; 1 passed over/)
  assert.equal(await db.value("select count(*)::integer from stepcast.runs where workflow = 'purged'"), 2)
})

test('an age may be of seconds, as an interval of Postgres may', async () => {
  for (const age of ['0 s', '1 day 30 sec', '90 seconds'])
    assert.deepEqual(await run(['purge', '--older-than', age, '--workflow', 'none']), {
      code: 0,
      output: 'Purged 0 runs',
    })
})

test('an age that no interval can hold is refused as a mistake of its caller', async () => {
  for (const options of [[], ['--dry-run']]) {
    const { code, output } = await run(['purge', '--older-than', '99999999999 years', ...options])
    assert.equal(code, 2)
    assert.match(output, /^--older-than is not valid: .*interval.* out of range: "99999999999 years"\.$/)
  }
})

test('without an age purge takes STEPCAST_RETENTION, and without that it refuses', async () => {
  await past('kept', 20)
  const age = { STEPCAST_RETENTION: '10 days' }
  const { output } = await run(['purge', '--workflow', 'kept'], age)
  assert.match(output, /Purged 1 run$/)
  const refused = await run(['purge'])
  assert.deepEqual([refused.code, /--older-than .*STEPCAST_RETENTION/.test(refused.output)], [2, true])
})

test('an age that is none, or without a unit, which Postgres takes for seconds, is one message', async () => {
  for (const age of ['a while', '30', '-3 days', '30 s ago']) {
    const { code, output } = await run(['purge', `--older-than=${age}`])
    assert.equal(code, 2)
    assert.equal(output.trim(), `--older-than must be an interval such as '30 days', not ${age}.`)
  }
})
