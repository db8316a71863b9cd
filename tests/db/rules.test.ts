import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { currentOf, outline } from '../../client/outline.ts'
import { aRun, aStep } from '../client/samples.ts'
import { useDatabase } from '../support/fixture.ts'
import { begin, complete, openRun, readRun, readStep, report } from './outside.ts'

const db = await useDatabase()

test('a run goes from pending to completed with its steps, and is 100 exactly then', async () => {
  const run = await openRun(db)
  assert.equal((await readRun(db, run)).status, 'pending')
  for (const step of ['download', 'resize', 'publish']) {
    await begin(db, run, step)
    await report(db, run, step, 100)
    assert.equal((await readStep(db, run, step)).progress, 99, 'a running step is never 100')
    await complete(db, run, step)
  }
  assert.deepEqual(await readRun(db, run), { status: 'running', progress: 99, revision: 10, error: null })
  await db.rows('select stepcast.finish_run($1)', [run])
  assert.deepEqual(await readRun(db, run), { status: 'completed', progress: 100, revision: 11, error: null })
})

test('a lower report is ignored, its message counts, and a report that changes nothing bumps nothing', async () => {
  const run = await openRun(db)
  await begin(db, run, 'download')
  await report(db, run, 'download', 40, 'forty')
  await report(db, run, 'download', 30, 'thirty')
  const { progress, message } = await readStep(db, run, 'download')
  assert.deepEqual({ progress, message }, { progress: 40, message: 'thirty' })
  const { revision } = await readRun(db, run)
  await report(db, run, 'download', 20, 'thirty')
  assert.equal((await readRun(db, run)).revision, revision)
})

for (const progress of [-1, 101]) {
  test(`progress ${progress} is SC006 in a function and in a plain update`, async () => {
    const run = await openRun(db)
    await begin(db, run, 'download')
    await assert.rejects(report(db, run, 'download', progress), { code: 'SC006' })
    await assert.rejects(db.rows('update stepcast.steps set progress = $2 where run_id = $1', [run, progress]), {
      code: 'SC006',
    })
  })
}

test('a plain update obeys the rules: it bumps the run, never lowers progress, and leaves other columns alone', async () => {
  const run = await openRun(db)
  await begin(db, run, 'download')
  const { revision } = await readRun(db, run)
  const set = (what: string) =>
    db.rows(`update stepcast.steps set ${what} where run_id = $1 and step = 'download'`, [run])
  await set('progress = 60')
  assert.deepEqual(await readRun(db, run), { status: 'running', progress: 20, revision: revision + 1, error: null })
  await set('progress = 50')
  assert.equal((await readStep(db, run, 'download')).progress, 60)
  await assert.rejects(set('weight = 7'), { code: 'SC006' })
  await assert.rejects(set("status = 'pending'"), { code: 'SC004' })
  assert.equal((await readRun(db, run)).revision, revision + 1)
})

test('a plain update with a lower progress passes over a completed step, as over a running one', async () => {
  const run = await openRun(db)
  for (const step of ['download', 'resize']) await begin(db, run, step)
  await db.rows("select stepcast.complete_step($1, 'download')", [run])
  await db.rows("update stepcast.steps set progress = 50 where run_id = $1 and step in ('download', 'resize')", [run])
  assert.equal((await readStep(db, run, 'download')).progress, 100)
  assert.equal((await readStep(db, run, 'resize')).progress, 50)
})

test('an update of many rows by hand counts every one', async () => {
  const run = await openRun(db)
  await begin(db, run, 'download')
  await begin(db, run, 'resize')
  await db.rows("update stepcast.steps set progress = 30 where run_id = $1 and status = 'running'", [run])
  assert.equal((await readRun(db, run)).progress, 20)
})

test('a step with declared sub-steps takes its progress from them alone', async () => {
  const run = await openRun(db, ['download', { step: 'resize', substeps: ['small', { step: 'large', weight: 3 }] }])
  await begin(db, run, 'resize')
  await report(db, run, 'resize', 90)
  assert.equal((await readStep(db, run, 'resize')).progress, 0)
  await begin(db, run, 'resize/small')
  await complete(db, run, 'resize/small')
  await begin(db, run, 'resize/extra')
  await complete(db, run, 'resize/extra')
  assert.equal((await readStep(db, run, 'resize')).progress, 25)
  await begin(db, run, 'resize/large')
  await report(db, run, 'resize/large', 50)
  assert.equal((await readStep(db, run, 'resize')).progress, 62)
  assert.equal((await readRun(db, run)).progress, 31)
})

test('what was skipped of a step before it began counts once it begins', async () => {
  const resize = { step: 'resize', substeps: [{ step: 'small', substeps: ['left', 'right'] }, 'large'] }
  const run = await openRun(db, ['download', resize])
  for (const side of ['left', 'right'])
    await db.rows('select stepcast.skip_step($1, $2)', [run, `resize/small/${side}`])
  await begin(db, run, 'resize')
  assert.equal((await readStep(db, run, 'resize')).progress, 49)
  assert.equal((await readRun(db, run)).progress, 24)
  await begin(db, run, 'resize/small')
  assert.equal((await readStep(db, run, 'resize/small')).progress, 99)
})

test('a failed step fails its run, and a retry keeps what was completed', async () => {
  const run = await openRun(db)
  await begin(db, run, 'download')
  await complete(db, run, 'download')
  await begin(db, run, 'resize')
  await report(db, run, 'resize', 80)
  await db.rows('select stepcast.fail_step($1, $2, $3)', [run, 'resize', 'disk full'])
  const failed = await readRun(db, run)
  assert.deepEqual([failed.status, failed.progress, failed.error], ['failed', 60, 'disk full'])
  await db.rows('select stepcast.retry_run($1)', [run])
  const retried = await readRun(db, run)
  assert.deepEqual([retried.status, retried.progress, retried.error], ['pending', 33, null])
  await begin(db, run, 'resize')
  assert.equal((await readStep(db, run, 'resize')).attempt, 2)
  assert.equal((await readStep(db, run, 'download')).attempt, 1)
})

test('an empty error is no reason, and an empty display name no name', async () => {
  const run = await openRun(db, [
    { step: 'the_first', displayName: '', substeps: [{ step: 'its_part', displayName: '' }] },
  ])
  const names = await db.rows('select display_name from stepcast.steps where run_id = $1 order by id', [run])
  assert.deepEqual(names, [{ display_name: 'The first' }, { display_name: 'Its part' }])
  await begin(db, run, 'the_first')
  await db.rows("select stepcast.fail_step($1, 'the_first', '')", [run])
  const errors = `select error from stepcast.runs where id = $1
    union all select error from stepcast.steps where run_id = $1 and parent_id is null
    union all select error from stepcast.attempts where run_id = $1`
  assert.deepEqual(await db.rows(errors, [run]), Array(3).fill({ error: 'no reason given' }))
  await db.rows("select stepcast.retry_run($1), stepcast.begin_step($1, 'the_first'), stepcast.cancel_run($1, '')", [
    run,
  ])
  assert.equal((await readRun(db, run)).error, null)
})

test('a retry from a named step runs it and all after it again, sub-steps too', async () => {
  const run = await openRun(db, [{ step: 'a', substeps: ['a1'] }, 'b'])
  for (const step of ['a', 'a/a1']) await begin(db, run, step)
  for (const step of ['a/a1', 'a']) await complete(db, run, step)
  await begin(db, run, 'b')
  await complete(db, run, 'b')
  await db.rows('select stepcast.finish_run($1)', [run])
  await assert.rejects(db.rows('select stepcast.retry_run($1)', [run]), { code: 'SC004' })
  await assert.rejects(db.rows("select stepcast.retry_run($1, 'nope')", [run]), { code: 'SC003' })
  await db.rows("select stepcast.retry_run($1, 'a/a1')", [run])
  const statuses = await db.rows('select step, status, progress from stepcast.steps where run_id = $1 order by step', [
    run,
  ])
  assert.deepEqual(
    statuses,
    ['a', 'a1', 'b'].map((step) => ({ step, status: 'pending', progress: 0 })),
  )
})

test('a duration is the time from the start to the end, of what has ended alone, and nobody sets it', async () => {
  const run = await openRun(db)
  const durations = () =>
    db.value<(boolean | null)[]>(
      `select array_agg(duration = (extract(epoch from completed_at - started_at) * 1000)::bigint order by id nulls first)
       from (
         select null as id, started_at, completed_at, duration from stepcast.runs where id = $1
         union all
         select id, started_at, completed_at, duration from stepcast.steps where run_id = $1
       ) timed`,
      [run],
    )
  await begin(db, run, 'download')
  assert.deepEqual(await durations(), [null, null, null, null])
  await db.rows("select stepcast.fail_step($1, 'download', 'no network')", [run])
  assert.deepEqual(await durations(), [true, true, null, null])
  await assert.rejects(db.rows('update stepcast.runs set duration = 1 where id = $1', [run]), { code: 'SC006' })
  await assert.rejects(db.rows('update stepcast.steps set duration = 1 where run_id = $1', [run]), { code: 'SC006' })
  await db.rows('select stepcast.retry_run($1)', [run])
  assert.deepEqual(await durations(), [null, null, null, null])
})

test('illegal changes say what was seen and what to do', async () => {
  const run = await openRun(db)
  const attempt = async (sql: string, code: string, message: RegExp) => {
    await assert.rejects(db.rows(sql, [run]), (error: { code: string; message: string; hint: string }) => {
      assert.equal(error.code, code)
      assert.match(error.message, message)
      assert.ok(error.hint.length > 5)
      return true
    })
  }
  await attempt("select stepcast.complete_step($1, 'download')", 'SC004', /step download of run .* is pending/)
  const completed = "update stepcast.steps set status = 'completed' where run_id = $1 and step = 'download'"
  await attempt(completed, 'SC004', /cannot go from pending to completed/)
  await attempt("select stepcast.begin_step($1, 'nope')", 'SC003', /has no step nope/)
  await attempt('select stepcast.finish_run($1)', 'SC004', /unfinished steps: download, resize, publish/)
  await attempt('select stepcast.retry_run($1)', 'SC004', /it is pending/)
  await db.rows('select stepcast.cancel_run($1, $2)', [run, 'not wanted'])
  await attempt('select stepcast.cancel_run($1)', 'SC004', /it is cancelled/)
  await attempt("update stepcast.runs set status = 'running' where id = $1", 'SC006', /plain update/)
  await assert.rejects(db.rows("select stepcast.start_run('nope')"), { code: 'SC001' })
  await assert.rejects(db.rows('select stepcast.cancel_run(gen_random_uuid())'), { code: 'SC002' })
  for (const tenant of ['', 'default']) {
    const none = `select set_config('stepcast.tenant', '${tenant}', true), stepcast.cancel_run(null)`
    await assert.rejects(db.rows(none), { code: 'SC002', message: 'there is no run null' })
  }
})

test('the journal is dense, in commit order, says who, and cannot be changed', async () => {
  const run = await openRun(db)
  await begin(db, run, 'download')
  await db.rows("select set_config('stepcast.actor', 'alice', true), stepcast.cancel_run($1, 'why not')", [run])
  const entries = await db.rows(
    'select entry, actor, action, step, from_status, to_status, reason from stepcast.journal where run_id = $1 order by entry',
    [run],
  )
  assert.deepEqual(
    entries.map(({ entry }) => entry),
    entries.map((_, index) => index + 1),
  )
  assert.deepEqual(entries[3], {
    entry: 4,
    actor: 'alice',
    action: 'cancel',
    step: null,
    from_status: null,
    to_status: null,
    reason: 'why not',
  })
  await assert.rejects(db.rows("update stepcast.journal set actor = 'bob' where run_id = $1", [run]), { code: 'SC004' })
})

test('the journal says of a retry which step was named, and from what the run and each step of it were set back', async () => {
  const run = await openRun(db, ['download', 'resize', 'publish'])
  await begin(db, run, 'download')
  await complete(db, run, 'download')
  await begin(db, run, 'resize')
  await db.rows("select stepcast.fail_step($1, 'resize', 'broken')", [run])
  const before = await db.value<number>('select journal_entries from stepcast.runs where id = $1', [run])
  await db.rows("select stepcast.retry_run($1, 'download')", [run])
  const entries = await db.rows(
    `select action, step, attempt, from_status, to_status from stepcast.journal
     where run_id = $1 and entry > $2 order by entry`,
    [run, before],
  )
  assert.deepEqual(entries.map(Object.values), [
    ['retry', 'download', 1, null, null],
    ['status', 'download', 1, 'completed', 'pending'],
    ['status', 'resize', 1, 'failed', 'pending'],
    ['status', null, null, 'failed', 'pending'],
  ])
})

test('statuses and progress cannot contradict each other, whoever writes', async () => {
  const run = await openRun(db)
  const force = (what: string) =>
    db.rows(`update stepcast.steps set revision = revision + 100, ${what} where run_id = $1 and step = 'download'`, [
      run,
    ])
  await assert.rejects(force('progress = 100'), { constraint: 'progress_is_100_when_completed' })
  await assert.rejects(force('completed_at = now()'), { constraint: 'completed_at_matches_status' })
  await assert.rejects(force('next_attempt_at = now()'), { constraint: 'only_a_pending_step_waits' })
})

test('run_progress and run_summaries say in one row where a run is', async () => {
  const run = await openRun(db)
  await begin(db, run, 'download')
  await complete(db, run, 'download')
  await begin(db, run, 'resize')
  const [progress] = await db.rows('select position, current_step, progress from stepcast.run_progress where id = $1', [
    run,
  ])
  assert.deepEqual(progress, { position: 'step 2 of 3', current_step: 'resize', progress: 33 })
  await db.rows("select stepcast.fail_step($1, 'resize', 'no')", [run])
  const summary = await db.value<{ failed_step: string; steps: { status: string }[] }>(
    'select summary from stepcast.run_summaries where id = $1',
    [run],
  )
  assert.equal(summary.failed_step, 'resize')
  assert.deepEqual(
    summary.steps.map(({ status }) => status),
    ['completed', 'failed', 'pending'],
  )
})

test('a cancelled run is where it was, one without steps nowhere', async () => {
  const where = (run: string) =>
    db.rows('select position, current_step from stepcast.run_progress where id = $1', [run])
  const run = await openRun(db)
  await begin(db, run, 'download')
  await complete(db, run, 'download')
  await begin(db, run, 'resize')
  await db.rows('select stepcast.cancel_run($1)', [run])
  assert.deepEqual(await where(run), [{ position: 'step 2 of 3', current_step: 'resize' }])
  const waiting = await openRun(db)
  await db.rows('select stepcast.cancel_run($1)', [waiting])
  assert.deepEqual(await where(waiting), [{ position: 'step 1 of 3', current_step: 'download' }])
  assert.deepEqual(await where(await openRun(db, [])), [{ position: null, current_step: null }])
})

test('where a run is, pages and terminals make of its steps what run_progress does, whatever these have come to', async () => {
  const stages = [
    { status: 'pending', attempt: 0 },
    { status: 'pending', attempt: 1 },
    { status: 'running', attempt: 1 },
    { status: 'completed', attempt: 1 },
    { status: 'skipped', attempt: 0 },
    { status: 'failed', attempt: 1 },
    { status: 'cancelled', attempt: 0 },
    { status: 'cancelled', attempt: 1 },
  ] as const
  const runs = stages.flatMap((a) =>
    stages.flatMap((b) => stages.map((c) => ({ id: randomUUID(), stages: [a, b, c] }))),
  )
  const rows = runs.flatMap(({ id, stages }) => stages.map((stage, at) => ({ run_id: id, sequence: at + 1, ...stage })))
  const client = await db.pool.connect()
  // Past every trigger: what is asked is not how they come to it.
  await client.query('begin; set local session_replication_role = replica')
  await client.query(
    `insert into stepcast.runs (id, workflow, workflow_version, display_name, status, started_at)
     select id, 'any', 'v1', 'Any', 'running', now() from unnest($1::uuid[]) id`,
    [runs.map(({ id }) => id)],
  )
  await client.query(
    `insert into stepcast.steps
       (run_id, tenant, step, display_name, sequence, status, attempt, progress, error, started_at, completed_at)
     select
       run_id,
       'default',
       'step ' || sequence,
       'Step',
       sequence,
       status,
       attempt,
       case when status = 'completed' then 100 else 0 end,
       case when status = 'failed' then 'no' end,
       case when status in ('running', 'completed', 'failed') then now() end,
       case when status not in ('pending', 'running') then now() end
     from jsonb_to_recordset($1) as row (run_id uuid, sequence integer, status text, attempt integer)`,
    [JSON.stringify(rows)],
  )
  const found = await client.query<{ id: string; step_number: number }>(
    'select id, step_number from stepcast.run_progress',
  )
  await client.query('rollback')
  client.release()
  const numbers = new Map(found.rows.map(({ id, step_number }) => [id, step_number]))
  const wrong = runs
    .map(({ id, stages }) => {
      const steps = stages.map((stage, at) => aStep({ id: at, sequence: at + 1, ...stage }))
      return { stages, view: numbers.get(id), client: currentOf(outline(steps), aRun())?.number }
    })
    .filter(({ view, client }) => view !== client)
  assert.deepEqual(wrong, [])
})

test('a report without progress leaves it, and moves on a deadline though nothing changes', async () => {
  const run = await db.value<string>(`select stepcast.open_run('video', '["download"]', deadline => '1 hour')`)
  await begin(db, run, 'download')
  await report(db, run, 'download', null, 'hello')
  assert.equal((await readStep(db, run, 'download')).progress, 0)
  const deadline = () => db.value<Date>('select deadline from stepcast.runs where id = $1', [run])
  const before = await deadline()
  await report(db, run, 'download', null, 'hello')
  assert.ok((await deadline()) > before)
})

test('a status is changed once: beginning, completing or failing again is SC004', async () => {
  const run = await openRun(db)
  await begin(db, run, 'download')
  await assert.rejects(begin(db, run, 'download'), { code: 'SC004' })
  await complete(db, run, 'download')
  await assert.rejects(complete(db, run, 'download'), { code: 'SC004' })
  await assert.rejects(begin(db, run, 'download/part'), { code: 'SC004' })
})

test('a sub-step that failed or was cancelled begins again while its step runs, with another attempt', async () => {
  const run = await openRun(db)
  for (const step of ['download', 'download/part', 'download/part/page']) await begin(db, run, step)
  await report(db, run, 'download/part', 40)
  await db.rows("select stepcast.fail_step($1, 'download/part', 'net')", [run])
  for (const step of ['download/part', 'download/part/page']) await begin(db, run, step)
  const { status, progress, attempt } = await readStep(db, run, 'download/part')
  assert.deepEqual({ status, progress, attempt }, { status: 'running', progress: 40, attempt: 2 })
  await db.rows("update stepcast.steps set status = 'cancelled' where run_id = $1 and step = 'page'", [run])
  await begin(db, run, 'download/part/page')
  for (const step of ['download/part/page', 'download/part', 'download']) await complete(db, run, step)
  const attempts = await db.rows(
    `select string_agg(a.status || coalesce(': ' || a.error, ''), ', ' order by a.attempt) as ended
     from stepcast.steps s join stepcast.attempts a on a.step_id = s.id
     where s.run_id = $1 group by s.id order by s.id`,
    [run],
  )
  assert.deepEqual(attempts, [
    { ended: 'completed' },
    { ended: 'failed: net, completed' },
    { ended: 'failed: net, cancelled, completed' },
  ])
  const gaps = await db.rows(
    `select entry
     from (
       select *, lag(to_status, 1, 'pending') over (partition by step_id order by entry) as before
       from stepcast.journal
       where run_id = $1 and step_id is not null
     ) said
     where from_status is distinct from before`,
    [run],
  )
  assert.deepEqual(gaps, [], 'each change goes on from the one before it')
})

test('a step of the run itself, and what is completed below one, does not begin again', async () => {
  const run = await openRun(db)
  for (const step of ['download', 'download/part']) await begin(db, run, step)
  await complete(db, run, 'download/part')
  const refused = { code: 'SC004', hint: /once its run has ended, stepcast\.retry_run sets it back/ }
  await assert.rejects(begin(db, run, 'download/part'), refused)
  await complete(db, run, 'download')
  await assert.rejects(begin(db, run, 'download'), refused)
})

test('who sets back by hand what belongs to a run that goes on is told what can be done, and that can be done', async () => {
  const run = await openRun(db)
  for (const step of ['download', 'download/part']) await begin(db, run, step)
  const setBack = (step: string) =>
    db.rows("update stepcast.steps set status = 'pending' where run_id = $1 and step = $2", [run, step])
  await db.rows("select stepcast.fail_step($1, 'download/part', 'net')", [run])
  await assert.rejects(setBack('part'), { code: 'SC004', hint: 'stepcast.begin_step begins it again.' })
  await begin(db, run, 'download/part')
  const hint = /^End the run by stepcast\.cancel_run; stepcast\.retry_run then sets it back/
  for (const step of ['download', 'part']) await assert.rejects(setBack(step), { code: 'SC004', hint })
  await db.rows('select stepcast.cancel_run($1)', [run])
  await db.rows('select stepcast.retry_run($1)', [run])
  for (const step of ['download', 'download/part']) assert.equal((await readStep(db, run, step)).status, 'pending')
})

test('a retry leaves a step the progress of what is completed below it, however deep', async () => {
  const run = await openRun(db, [{ step: 'top', substeps: [{ step: 'middle', substeps: ['first', 'second'] }] }])
  for (const step of ['top', 'top/middle', 'top/middle/first']) await begin(db, run, step)
  await complete(db, run, 'top/middle/first')
  assert.deepEqual([(await readStep(db, run, 'top')).progress, (await readRun(db, run)).progress], [50, 50])
  await db.rows("select stepcast.fail_step($1, 'top', 'broken')", [run])
  await db.rows('select stepcast.retry_run($1)', [run])
  const progress = async (step: string) => (await readStep(db, run, step)).progress
  assert.deepEqual(
    [await progress('top'), await progress('top/middle'), (await readRun(db, run)).progress],
    [50, 50, 50],
  )
})

test('a run that fails takes its other running steps along, and a retry begins them again', async () => {
  const run = await openRun(db)
  await begin(db, run, 'download')
  await begin(db, run, 'resize')
  await db.rows("select stepcast.fail_step($1, 'resize', 'no')", [run])
  assert.equal((await readStep(db, run, 'download')).status, 'cancelled')
  await db.rows('select stepcast.retry_run($1)', [run])
  assert.equal((await readStep(db, run, 'download')).status, 'pending')
})

const WRONG: [table: 'steps' | 'runs', set: string, message: RegExp][] = [
  ['steps', 'progress = null', /progress of step a must be from 0 to 100, not null/],
  ['steps', "status = 'done'", /status of step a cannot be done/],
  ['steps', "metadata = '[]'", /metadata of step a must be a JSON object, not array/],
  ['steps', 'metadata = null', /metadata of step a must be a JSON object, not null/],
  ['runs', "metadata = '1'", /metadata of run .* must be a JSON object, not number/],
  ['runs', 'display_name = null', /must have a display_name/],
  ['runs', "display_name = ''", /must have a display_name/],
  ['runs', "display_names = '5'", /display_names of run .* must be a JSON object, not number/],
  ['runs', "display_names = 'null'", /display_names of run .* must be a JSON object, not null/],
  ['runs', `display_names = '["x"]'`, /display_names of run .* must be a JSON object, not array/],
  [
    'runs',
    `display_names = '{"de": "Kopie", "en": " "}'`,
    /display_names of run .* must not be empty, as it is for en/,
  ],
  ['runs', `display_names = '{"en": {"a": 1}}'`, /display_names of run .* must be strings, not object for en/],
  ['steps', "messages = '5'", /messages of step a must be a JSON object, not number/],
  ['steps', `messages = '{"en": "x", "zh-CN": null}'`, /messages of step a must be strings, not null for zh-CN/],
  ['steps', "status = 'failed', error = ''", /error of step a must not be empty/],
]

for (const [table, set, message] of WRONG) {
  test(`${set} is SC006 in a plain update of ${table}, and changes nothing`, async () => {
    const run = await openRun(db, ['a'])
    await begin(db, run, 'a')
    const before = await readRun(db, run)
    const by = table === 'runs' ? 'id' : 'run_id'
    await assert.rejects(db.rows(`update stepcast.${table} set ${set} where ${by} = $1`, [run]), {
      code: 'SC006',
      message,
    })
    assert.deepEqual(await readRun(db, run), before)
  })
}

test('a run ends above read committed too while another of its workflow has ended since the transaction began', async () => {
  const opened = async () => {
    const run = await db.value<string>(`select stepcast.open_run('isolated', '["work"]')`)
    await begin(db, run, 'work')
    await complete(db, run, 'work')
    return run
  }
  const finish = 'select stepcast.finish_run($1)'
  for (let n = 1; n <= 5; n++) await db.rows(finish, [await opened()])
  const client = await db.pool.connect()
  for (const level of ['repeatable read', 'serializable']) {
    const [own, other] = [await opened(), await opened()]
    await client.query(`begin isolation level ${level}; select from stepcast.runs`)
    await db.rows(finish, [other])
    await client.query(finish, [own])
    await client.query('commit')
    assert.equal((await readRun(db, own)).status, 'completed')
  }
  client.release()
  const samples = "select samples from stepcast.estimates where workflow = 'isolated'"
  assert.deepEqual(await db.rows(samples), [{ samples: 8 }])
})

test('a step that is skipped without a reason keeps its message', async () => {
  const run = await openRun(db)
  await begin(db, run, 'download')
  await report(db, run, 'download', 30, 'half done')
  await db.rows("select stepcast.skip_step($1, 'download')", [run])
  assert.equal((await readStep(db, run, 'download')).message, 'half done')
})

test('a sub-step with a name that is too long is SC006', async () => {
  const run = await openRun(db, ['a'])
  await begin(db, run, 'a')
  await assert.rejects(begin(db, run, `a/${'x'.repeat(201)}`), {
    code: 'SC006',
    message: /1 to 200 characters, not 201/,
  })
})

for (const status of ['cancelled', 'failed']) {
  test(`one plain update that comes to a sub-step before its step may set both to ${status}, and report on both`, async () => {
    const run = await openRun(db, [{ step: 'a', substeps: ['a1'] }, 'b'])
    for (const step of ['a', 'a/a1']) await begin(db, run, step)
    const client = await db.pool.connect()
    try {
      // So that the order below is the one in which the rows are come to.
      await client.query('begin; set local enable_hashjoin = off; set local enable_mergejoin = off')
      await client.query(
        `with inside_out as materialized (
           select id
           from stepcast.steps
           where run_id = $1
             and status = 'running'
           order by parent_id
         )
         update stepcast.steps s
         set status = $2,
             message = 'stopped'
         from inside_out
         where s.id = inside_out.id`,
        [run, status],
      )
      await client.query('commit')
    } finally {
      client.release()
    }
    const ended = await db.rows('select status, message from stepcast.steps where run_id = $1 and step <> $2', [
      run,
      'b',
    ])
    assert.deepEqual(ended, Array(2).fill({ status, message: 'stopped' }))
    assert.equal((await readRun(db, run)).status, status)
  })
}

test('one plain update may end steps together with their sub-steps, in whatever order it comes to them', async () => {
  const steps = [
    { step: 'a', substeps: ['a1', 'a2'] },
    { step: 'b', substeps: [{ step: 'b1', substeps: ['b2'] }] },
    'c',
  ]
  for (const isTurned of [false, true]) {
    const run = await openRun(db, steps)
    for (const step of ['a', 'a/a1']) await begin(db, run, step)
    // What was written last comes last.
    if (isTurned) await report(db, run, 'a', null, 'on it')
    const set = (status: string, from: string) =>
      db.rows('update stepcast.steps set status = $2 where run_id = $1 and status = $3', [run, status, from])
    await set('completed', 'running')
    const statuses = () =>
      db.rows('select step, status, progress from stepcast.steps where run_id = $1 order by id', [run])
    const a = [
      { step: 'a1', status: 'completed', progress: 100 },
      { step: 'a2', status: 'skipped', progress: 0 },
    ]
    const rest = (status: string) => ['b1', 'b2'].map((step) => ({ step, status, progress: 0 }))
    const top = (status: string) => [
      { step: 'a', status: 'completed', progress: 100 },
      { step: 'b', status, progress: 0 },
      { step: 'c', status, progress: 0 },
    ]
    assert.deepEqual(await statuses(), [...top('pending'), ...a, ...rest('pending')])
    await set('skipped', 'pending')
    assert.deepEqual(await statuses(), [...top('skipped'), ...a, ...rest('skipped')])
    const [journal] = await db.rows(
      'select max(entry) = count(*) as dense, max(entry) = (select journal_entries from stepcast.runs where id = $1) as kept from stepcast.journal where run_id = $1',
      [run],
    )
    assert.deepEqual(journal, { dense: true, kept: true })
    await db.rows('select stepcast.finish_run($1)', [run])
  }
})

test('a plain change of status says why by the message that it sets', async () => {
  const run = await openRun(db, ['a', 'b'])
  await begin(db, run, 'a')
  await db.rows("update stepcast.steps set status = 'skipped', message = 'no need' where run_id = $1 and step = 'a'", [
    run,
  ])
  const reasons =
    "select action, to_status, reason from stepcast.journal where run_id = $1 and step = 'a' and action = 'operate'"
  assert.deepEqual(await db.rows(reasons, [run]), [{ action: 'operate', to_status: 'skipped', reason: 'no need' }])
})

test('an error that is given with skipped or cancelled is the reason, and that of its attempt and its run', async () => {
  const run = await openRun(db, ['a', 'b'])
  for (const [step, status] of Object.entries({ a: 'skipped', b: 'cancelled' })) {
    await begin(db, run, step)
    await db.rows('update stepcast.steps set status = $3, error = $4 where run_id = $1 and step = $2', [
      run,
      step,
      status,
      `${step} by Ann`,
    ])
  }
  const reasons = `select array_agg(reason order by entry) from stepcast.journal where run_id = $1 and reason is not null`
  assert.deepEqual(await db.value(reasons, [run]), ['a by Ann', 'b by Ann', 'b by Ann'])
  const errors = 'select array_agg(error order by step_id) from stepcast.attempts where run_id = $1'
  assert.deepEqual(await db.value(errors, [run]), ['a by Ann', 'b by Ann'])
  assert.deepEqual(
    await db.rows('select error from stepcast.steps where run_id = $1', [run]),
    Array(2).fill({ error: null }),
  )
  assert.equal((await readRun(db, run)).error, 'b by Ann')
})
