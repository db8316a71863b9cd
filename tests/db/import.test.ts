import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRun } from '../../db/runs.ts'
import { registerWorkflow } from '../../db/workflows.ts'
import { useDatabase } from '../support/fixture.ts'
import { begin } from './outside.ts'
import { type HistoryStep, importRun } from './past.ts'

const db = await useDatabase()

const at = (second: number) => `2026-01-31T12:00:${String(second).padStart(2, '0')}.000Z`
const done = (step: string, from: number, to: number, more: Partial<HistoryStep> = {}): HistoryStep => ({
  step,
  status: 'completed',
  started_at: at(from),
  completed_at: at(to),
  ...more,
})
const iso = (time: string | null | undefined) => time && new Date(time).toISOString()
const read = async (run: string) => {
  const details = await readRun(db.pool, { tenant: 'default', run })
  assert.ok(details)
  return details
}

test('a run is taken in with its names, times, durations, outputs and metadata as given', async () => {
  const id = await importRun(db, {
    workflow: 'project_init',
    key: 'project 1',
    display_name: 'Setting up harbor-api',
    status: 'completed',
    input: { name: 'harbor-api' },
    output: { url: 'x' },
    metadata: { from: 'older' },
    created_at: at(0),
    started_at: at(1),
    completed_at: at(9),
    steps: [
      done('create_repository', 1, 4, { display_name: 'Repository', output: { path: 'y' } }),
      { step: 'notify', status: 'skipped', message: 'nobody to tell' },
    ],
  })
  const { run, steps } = await read(id)
  assert.deepEqual(
    [run.key, run.displayName, run.status, run.progress, run.input, run.output, run.metadata],
    ['project 1', 'Setting up harbor-api', 'completed', 100, { name: 'harbor-api' }, { url: 'x' }, { from: 'older' }],
  )
  assert.deepEqual([run.createdAt, run.startedAt, run.completedAt].map(iso), [at(0), at(1), at(9)])
  assert.equal(run.duration, 8_000)
  assert.deepEqual(
    steps.map((step) => [
      step.step,
      step.displayName,
      step.status,
      step.progress,
      step.duration,
      step.attempt,
      step.message,
    ]),
    [
      ['create_repository', 'Repository', 'completed', 100, 3_000, 1, null],
      ['notify', 'Notify', 'skipped', 0, null, 0, 'nobody to tell'],
    ],
  )
})

test("times and the error of a run come from its steps where it has none, its progress as a live run's", async () => {
  const substeps = [
    done('render', 3, 4),
    { step: 'push', status: 'failed', error: 'refused', started_at: at(4), completed_at: at(6) },
  ]
  const id = await importRun(db, {
    workflow: 'project_init',
    status: 'failed',
    steps: [
      done('create', 1, 3),
      {
        step: 'template',
        status: 'failed',
        error: 'push was refused',
        started_at: at(3),
        completed_at: at(6),
        substeps,
      },
      { step: 'finish', status: 'pending' },
    ],
  })
  const { run, steps } = await read(id)
  assert.deepEqual(
    [iso(run.createdAt), iso(run.startedAt), iso(run.completedAt), run.error],
    [at(1), at(1), at(6), 'push was refused'],
  )
  assert.deepEqual(
    steps.map(({ step, parentId, progress }) => [step, parentId === null, progress]),
    [
      ['create', true, 100],
      ['template', true, 50],
      ['render', false, 100],
      ['push', false, 0],
      ['finish', true, 0],
    ],
  )
  const [measured] = await db.rows(
    `select r.progress = m.percent and r.work_done = m.done and r.work_total = m.total as agrees
     from stepcast.runs r, stepcast.measure_run(r.id, null) m where r.id = $1`,
    [id],
  )
  assert.deepEqual([run.progress, measured], [50, { agrees: true }])
})

test('attempts are a number, of which the last is kept, or a list', async () => {
  const tries = [
    { status: 'failed', error: 'timeout', worker: 'old-1', started_at: at(1), completed_at: at(2) },
    { status: 'completed', worker: 'old-2', started_at: at(3), completed_at: at(4) },
  ]
  const steps = [done('a', 1, 2, { attempts: 3 }), done('b', 3, 4, { attempts: tries }), done('c', 4, 5)]
  const { attempts } = await read(await importRun(db, { workflow: 'w', status: 'completed', steps }))
  assert.deepEqual(
    attempts.map(({ attempt, status, worker, error, duration }) => [attempt, status, worker, error, duration]),
    [
      [3, 'completed', null, null, 1_000],
      [1, 'failed', 'old-1', 'timeout', 1_000],
      [2, 'completed', 'old-2', null, 1_000],
      [1, 'completed', null, null, 1_000],
    ],
  )
})

test('an empty error or display name is as none', async () => {
  const ended = { started_at: at(1), completed_at: at(2) }
  const tries = [{ status: 'cancelled', error: '', ...ended }]
  const past = (steps: HistoryStep[], more: object) =>
    importRun(db, { workflow: 'old_one', display_name: '', error: '', steps, ...more })
  const fine = await past([done('a_step', 1, 2, { display_name: '', error: '', attempts: tries })], {
    status: 'completed',
  })
  const { run, steps, attempts } = await read(fine)
  assert.deepEqual([run.displayName, run.error], ['Old one', null])
  assert.deepEqual([steps[0]?.displayName, steps[0]?.error, attempts[0]?.error], ['A step', null, null])
  const broken = { step: 'a', status: 'failed', ...ended }
  const failed = await past([{ ...broken, error: 'why' }], { status: 'failed' })
  assert.equal((await read(failed)).run.error, 'why')
  await assert.rejects(past([{ ...broken, error: '' }], { status: 'failed' }), /step a is failed without an error/)
  await assert.rejects(past([], { status: 'failed', completed_at: at(2) }), /the run is failed without an error/)
})

test('an imported run is in the journal with who imported it, and lists have it at its time', async () => {
  const [older, newer] = [
    await importRun(db, { workflow: 'listed', status: 'completed', steps: [done('a', 50, 51)] }),
    await importRun(db, { workflow: 'listed', status: 'completed', steps: [done('a', 10, 11)] }),
  ]
  const journal = await db.rows(
    'select entry, action, to_status, actor = session_user as mine from stepcast.journal where run_id = $1',
    [older],
  )
  assert.deepEqual(journal, [{ entry: 1, action: 'import', to_status: 'completed', mine: true }])
  const listed = await db.rows("select id from stepcast.runs where workflow = 'listed' order by id desc")
  assert.deepEqual(
    listed.map(({ id }) => id),
    [older, newer],
  )
})

test('under a key the same content answers with its run, other content is SC007, at once too', async () => {
  const history = { workflow: 'w', key: 'k', status: 'completed', steps: [done('a', 1, 2)] }
  const ids = await Promise.all(Array.from({ length: 8 }, () => importRun(db, history)))
  assert.equal(new Set(ids).size, 1)
  assert.equal(await importRun(db, { steps: history.steps, status: 'completed', key: 'k', workflow: 'w' }), ids[0])
  await assert.rejects(importRun(db, { ...history, steps: [done('a', 1, 3)] }), {
    code: 'SC007',
    message: /key k .* was not imported from this/,
  })
  await db.rows(`select stepcast.open_run('w', '["a"]', 'opened')`)
  await assert.rejects(importRun(db, { ...history, key: 'opened' }), { code: 'SC007' })
  assert.notEqual(await importRun(db, { ...history, key: 'k', tenant: 'other' }), ids[0])
})

test('the same table read in another time zone is the same content', async () => {
  await db.rows(`create table older_runs as
    select '2026-01-31T12:00:01.5Z'::timestamptz as began, '2026-01-31T12:00:02Z'::timestamptz as ended`)
  const importIn = async (zone: string, more: object = {}) => {
    const client = await db.pool.connect()
    try {
      await client.query("select set_config('timezone', $1, false)", [zone])
      const { rows } = await client.query<{ run: string }>(
        `select stepcast.import_run($1 || jsonb_build_object(
           'workflow', 'w',
           'key', 'zoned',
           'status', 'completed',
           'metadata', jsonb_build_object('approved', began, 'next', '2026-02-30T00:00:00+01:00'),
           'steps', jsonb_build_array(jsonb_build_object(
             'step', 'a', 'status', 'completed', 'started_at', began, 'completed_at', ended
           ))
         )) as run
         from older_runs`,
        [JSON.stringify(more)],
      )
      return rows[0]?.run
    } finally {
      client.release(true)
    }
  }
  const id = await importIn('Asia/Kathmandu')
  assert.equal(await importIn('UTC'), id)
  assert.equal(await importIn('America/New_York'), id)
  await assert.rejects(importIn('UTC', { created_at: at(0) }), { code: 'SC007' })
})

test('a run that an earlier release imported is known again by the times as they were given', async () => {
  const given = '2026-01-31T13:00:01+01:00'
  const steps = [{ step: 'a', status: 'completed', started_at: given, completed_at: given }]
  const history = { workflow: 'w', key: 'earlier', status: 'completed', steps }
  const id = await importRun(db, history)
  const version = `left(encode(sha256(convert_to($2::jsonb::text, 'utf8')), 'hex'), 12)`
  await db.rows(`update stepcast.runs set workflow_version = ${version}, revision = revision + 1 where id = $1`, [
    id,
    JSON.stringify(history),
  ])
  assert.equal(await importRun(db, history), id)
})

test('a run of a clock that is ahead is not newer than one that is started after it was imported', async () => {
  const later = new Date(Date.now() + 3_600_000).toISOString()
  const steps = [{ step: 'a', status: 'completed', started_at: later, completed_at: later }]
  await importRun(db, { workflow: 'ahead', key: 'k', status: 'completed', steps })
  const definition = { name: 'ahead', version: 'v1', displayName: null, displayNames: null, steps: [{ step: 'a' }] }
  await registerWorkflow(db.pool, { ...definition, inputSchema: null, options: {} }, true)
  await db.rows('select pg_sleep(0.001)')
  const started = await db.value("select stepcast.start_run('ahead', '{}', 'k', true)")
  assert.equal(await db.value("select run from stepcast.newest_runs('{default}', '{ahead}', '{k}')"), started)
})

test('who starts a workflow under the key of an imported run hears how to', async () => {
  await importRun(db, { workflow: 'moved', key: '42', status: 'completed', steps: [done('a', 1, 2)] })
  const definition = { name: 'moved', version: 'v1', displayName: null, displayNames: null, steps: [{ step: 'a' }] }
  await registerWorkflow(db.pool, { ...definition, inputSchema: null, options: {} }, true)
  await assert.rejects(db.rows("select stepcast.start_run('moved', '{}', '42')"), {
    code: 'SC007',
    hint: 'Use another key, or again => true once that run is finished.',
  })
  assert.ok(await db.value("select stepcast.start_run('moved', '{}', '42', again => true)"))
})

test('a step of a retried import may be silent, as one of open_run may', async () => {
  const failed = { status: 'failed', error: 'refused', started_at: at(1), completed_at: at(2) }
  const run = await importRun(db, {
    workflow: 'project_init',
    status: 'failed',
    steps: [{ step: 'push', ...failed, substeps: [{ step: 'files', ...failed }] }],
  })
  await db.rows('select stepcast.retry_run($1)', [run])
  await begin(db, run, 'push')
  await begin(db, run, 'push/files')
  await db.rows(
    "update stepcast.steps set updated_at = updated_at - interval '1 day', revision = revision + 1 where run_id = $1",
    [run],
  )
  await db.rows('select stepcast.end_stuck_steps()')
  assert.equal((await read(run)).run.status, 'running')
})

test('sub-steps belong to their own step where the paths of two are the same', async () => {
  const run = await importRun(db, {
    workflow: 'paths',
    status: 'completed',
    steps: [
      done('a/b', 1, 2, { substeps: [done('first', 1, 2)] }),
      done('a', 2, 4, { substeps: [done('b', 2, 4, { substeps: [done('second', 2, 3)] }), done('c', 3, 4)] }),
    ],
  })
  const { steps } = await read(run)
  const nameOf = (id: number | null) => steps.find((step) => step.id === id)?.step ?? null
  assert.deepEqual(
    steps.map(({ step, parentId }) => [step, nameOf(parentId)]),
    [
      ['a/b', null],
      ['first', 'a/b'],
      ['a', null],
      ['b', 'a'],
      ['second', 'b'],
      ['c', 'a'],
    ],
  )
})

test('five completed runs teach what steps usually take', async () => {
  for (let n = 1; n <= 5; n++)
    await importRun(db, { workflow: 'taught', status: 'completed', steps: [done('a', 0, n)] })
  assert.equal(
    await db.value("select p50::integer from stepcast.estimates where workflow = 'taught' and step = 'a'"),
    3_000,
  )
})

const fine = { workflow: 'w', status: 'completed', steps: [done('a', 1, 2)] }
const step = (more: object) => ({ ...fine, steps: [{ ...done('a', 1, 2), ...more }] })
const tried = (status: string) => ({ status, started_at: at(1), completed_at: at(2) })
const WRONG: [string, unknown, RegExp][] = [
  ['no object', [fine], /the run must be a JSON object, not array/],
  ['no workflow', { ...fine, workflow: undefined }, /workflow/],
  ['a member that is unknown', { ...fine, startedAt: at(1) }, /the run has an unknown member “startedAt”/],
  ['no steps', { ...fine, steps: undefined }, /steps must be an array, not missing/],
  [
    'a status that is not final',
    { ...fine, status: 'running' },
    /status must be completed, failed or cancelled, not running/,
  ],
  ['no time at all', { ...fine, steps: [] }, /completed_at is missing/],
  ['a failed run without an error', { ...fine, status: 'failed' }, /the run is failed without an error/],
  ['a completed run with an error', { ...fine, error: 'x' }, /the run is completed but has an error/],
  [
    'a pending step in a completed run',
    { ...fine, steps: [done('a', 1, 2), { step: 'b', status: 'pending' }] },
    /its step b is pending/,
  ],
  ['metadata that is no object', { ...fine, metadata: [] }, /metadata must be a JSON object/],
  ['a time that is none', { ...fine, created_at: 'soon' }, /the run cannot be imported: .*"soon"/],
  ['a step that is no object', { ...fine, steps: ['a'] }, /step #1 must be a JSON object, not string/],
  ['a step without a name', step({ step: undefined }), /step #1 has no name/],
  ['a step with a status of another system', step({ status: 'done' }), /step a: status must be .* not done/],
  ['a running step', step({ status: 'running' }), /step a: status must be .* not running/],
  ['a completed step without its start', step({ started_at: null }), /step a is completed without started_at/],
  ['a step that ends before it starts', step({ completed_at: at(0) }), /step a: completed_at .* is before started_at/],
  [
    'a run that ends before its steps start',
    { ...fine, completed_at: at(0) },
    /the run: completed_at .* is before started_at/,
  ],
  [
    'a run that starts after its steps have ended',
    { ...fine, started_at: at(3) },
    /the run: completed_at .* is before started_at/,
  ],
  ['a time of a step that is none', step({ started_at: 'noon' }), /step a cannot be imported: .*"noon"/],
  [
    'a time as a number',
    step({ started_at: 1_769_860_800 }),
    /step a: started_at must be a time as a string, not a number/,
  ],
  ['a completed step with an error', step({ error: 'x' }), /step a is completed but has an error/],
  ['a failed step without one', step({ status: 'failed' }), /step a is failed without an error/],
  ['a sub-step that is wrong', step({ substeps: [done('part', 1, 2, { status: 'ok' })] }), /step a\/part: status/],
  ['sub-steps that are no list', step({ substeps: {} }), /step a: substeps must be an array, not object/],
  ['attempts below 0', step({ attempts: -1 }), /step a: attempts must be from 0 to 1000000, not -1/],
  ['an attempt that is wrong', step({ attempts: [{ state: 'x' }] }), /step a, attempt 1 has an unknown member “state”/],
  [
    'an attempt without a status',
    step({ attempts: [{ started_at: at(1) }] }),
    /step a, attempt 1: status must be .*, not missing/,
  ],
  [
    'an attempt without an end',
    step({ attempts: [{ status: 'failed', started_at: at(1) }] }),
    /attempt 1 has no completed_at/,
  ],
  [
    'a completed step whose last attempt failed',
    step({ attempts: [tried('completed'), tried('failed')] }),
    /step a is completed, but its last attempt is failed/,
  ],
  [
    'a failed step whose last attempt completed',
    step({ status: 'failed', error: 'x', attempts: [tried('failed'), tried('completed')] }),
    /step a is failed, but its last attempt is completed/,
  ],
  [
    'two steps of one name',
    { ...fine, steps: [done('a', 1, 2), done('a', 2, 3)] },
    /step a cannot be imported: there is another one of that name/,
  ],
  ['a name that is too long', step({ step: 'x'.repeat(201) }), /step x+: a name has 200 characters at most, not 201/],
]

for (const [what, history, message] of WRONG) {
  test(`${what} is SC006, and nothing is imported`, async () => {
    const count = () => db.value('select count(*) from stepcast.runs')
    const before = await count()
    await assert.rejects(importRun(db, history), (error: { code: string; message: string; hint: string }) => {
      assert.match(error.message, message)
      assert.equal(error.code, 'SC006')
      assert.ok(error.hint.length > 5)
      return true
    })
    assert.equal(await count(), before)
  })
}

// One statement imports a whole table: who is told only what is wrong would have to find the row by trying.
for (const [what, wrong] of [
  ['what we refuse', { status: 'failed' }],
  ['what Postgres refuses', { created_at: 'soon' }],
  ['what is there twice', { steps: [done('a', 1, 2), done('a', 2, 3)] }],
] as const) {
  test(`of many runs that one statement imports, ${what} is told with its key`, async () => {
    const table = ['project 1', 'project 2', 'project 3'].map((key) => ({ ...fine, workflow: 'many', key }))
    const histories = table.map((run) => (run.key === 'project 2' ? { ...run, ...wrong } : run))
    const all = 'select stepcast.import_run(history) from jsonb_array_elements($1) history'
    await assert.rejects(db.rows(all, [JSON.stringify(histories)]), {
      code: 'SC006',
      detail: /key project 2 of workflow many/,
    })
  })
}
