import assert from 'node:assert/strict'
import { test } from 'node:test'
import { useDatabase } from '../support/fixture.ts'

const db = await useDatabase()
// What goes wrong with one run only: it stands in for whatever a caller might think of.
await db.rows(`create function refuse() returns trigger language plpgsql as $$ begin raise 'broken'; end $$`)
await db.rows(`create trigger refuse before update on stepcast.steps for each row when (old.step = 'broken' and new.status = 'failed')
               execute function refuse()`)

const statusOf = (run: string) => db.value<string>('select status from stepcast.runs where id = $1', [run])

/** Two runs of two tenants, each at its first step; the older one cannot be failed. */
async function openTwo(steps: (name: string) => object, deadline: string | null) {
  const open = async (name: string) => {
    const list = JSON.stringify([steps(name)])
    const run = await db.value<string>('select stepcast.open_run($1, $2, tenant => $1, deadline => $3)', [
      name,
      list,
      deadline,
    ])
    await db.rows('select stepcast.begin_step($1, $2)', [run, name])
    return run
  }
  return { broken: await open('broken'), sound: await open('sound') }
}

test('a run that cannot be failed keeps no other from expiring', async () => {
  const { broken, sound } = await openTwo((step) => ({ step }), '1 microsecond')
  assert.deepEqual(await db.rows('select stepcast.expire_runs() as run'), [{ run: sound }])
  assert.deepEqual([await statusOf(broken), await statusOf(sound)], ['running', 'failed'])
})

test('a time that is longer than there are dates keeps nothing from being looked at', async () => {
  const longest = '9223372036854775807'
  const run = await db.value<string>('select stepcast.open_run($1, $2)', [
    'patient',
    `[{"step": "a", "stuckAfter": ${longest}}]`,
  ])
  await db.rows('update stepcast.steps set timeout = $2, revision = revision + 1 where run_id = $1', [run, longest])
  await db.rows("select stepcast.begin_step($1, 'a')", [run])
  await db.rows("update stepcast.steps set updated_at = updated_at - interval '1 hour', revision = revision + 1")
  assert.deepEqual(await db.rows('select * from stepcast.stuck_runs where id = $1', [run]), [])
  assert.ok(Array.isArray(await db.rows('select stepcast.end_stuck_steps()')))
  assert.equal(await statusOf(run), 'running')
})

test('a stuck step that cannot be ended keeps no other from being ended', async () => {
  const { broken, sound } = await openTwo((step) => ({ step, stuckAfter: 1_000 }), null)
  await db.rows("update stepcast.steps set updated_at = updated_at - interval '1 hour', revision = revision + 1")
  assert.deepEqual(await db.rows('select stepcast.end_stuck_steps() as run'), [{ run: sound }])
  assert.deepEqual([await statusOf(broken), await statusOf(sound)], ['running', 'failed'])
})

test('who reports the same again and again from outside is not stuck', async () => {
  const run = await db.value<string>('select stepcast.open_run($1, $2)', [
    'repeating',
    '[{"step": "a", "stuckAfter": 60000}, "never"]',
  ])
  const say = async (step: string) => {
    await db.rows("select stepcast.report_step($1, $2, 40, 'Loading')", [run, step])
    return db.value<string>('select revision from stepcast.runs where id = $1', [run])
  }
  const age = (seconds: number) =>
    db.rows(
      `update stepcast.steps set updated_at = updated_at - $2 * interval '1 second', revision = revision + 1
       where run_id = $1`,
      [run, seconds],
    )
  await db.rows(
    "select stepcast.begin_step($1, 'a'), stepcast.begin_step($1, 'a/part'), stepcast.begin_step($1, 'never')",
    [run],
  )
  for (const step of ['a', 'a/part']) {
    const first = await say(step)
    await age(10)
    assert.equal(await say(step), first, 'less than a quarter of it is over')
    await age(51)
    assert.notEqual(await say(step), first)
    assert.deepEqual(await db.rows('select stepcast.end_stuck_steps()'), [])
  }
  const first = await say('never')
  await age(1e7)
  assert.equal(await say('never'), first, 'nobody watches it')
})

/** Somebody who has locked steps, not their runs. */
async function holdingSteps(runs: string[]) {
  const holder = await db.pool.connect()
  await holder.query('begin')
  await holder.query('select from stepcast.steps where run_id = any ($1) for update', [runs])
  const release = async () => void (await holder.query('rollback').finally(() => holder.release()))
  return { [Symbol.asyncDispose]: release }
}

test('steps that somebody has locked, as many as they like, keep no run of others waiting', async () => {
  const held = await db.value<string[]>(
    `select array_agg(run) from (
       select stepcast.open_run('held', '[{"step": "a", "stuckAfter": 1000}]', deadline => '1 microsecond', tenant => 'holder') as run
       from generate_series(1, 200)
     ) opened`,
  )
  const { sound: expiring } = await openTwo((step) => ({ step }), '1 microsecond')
  const { sound: stuck } = await openTwo((step) => ({ step, stuckAfter: 1_000 }), null)
  await db.rows("select stepcast.begin_step(run, 'a') from unnest($1::uuid[]) run", [held])
  await db.rows(
    `update stepcast.steps set updated_at = updated_at - interval '1 hour', revision = revision + 1
     where run_id = any ($1)`,
    [[...held, stuck]],
  )
  const client = await db.pool.connect()
  // Far more than it takes, and half of what a tenth of a second for each would.
  await client.query("set statement_timeout = '10s'")
  {
    await using _ = await holdingSteps(held)
    await client.query('select stepcast.expire_runs(), stepcast.end_stuck_steps()')
    assert.deepEqual([await statusOf(expiring), await statusOf(stuck)], ['failed', 'failed'])
  }
  await client.query('reset statement_timeout')
  client.release()
  assert.equal((await db.rows('select stepcast.expire_runs()')).length, held.length)
})

test('a lost run of which somebody has locked a step keeps no other from being handed over', async () => {
  const worker = await db.value<number>(
    "insert into stepcast.workers (name, application_name) values ('loser', 'stepcast worker loser') returning id",
  )
  const lose = async (tenant: string) => {
    const run = await db.value<string>("select stepcast.open_run('lost', '[\"a\"]', tenant => $1)", [tenant])
    await db.rows("select stepcast.begin_step($1, 'a')", [run])
    await db.rows(
      `update stepcast.runs set worker = $2, updated_at = updated_at - interval '1 minute', revision = revision + 1
       where id = $1`,
      [run, worker],
    )
    return run
  }
  const [held, free] = [await lose('holder'), await lose('other')]
  const handOver = () => db.rows("select stepcast.hand_over_lost_runs($1, '{}')", [worker])
  const workersOf = () => db.rows('select worker from stepcast.runs where id in ($1, $2) order by id', [held, free])
  {
    await using _ = await holdingSteps([held])
    await handOver()
    assert.deepEqual(await workersOf(), [{ worker }, { worker: null }])
  }
  await handOver()
  assert.deepEqual(await workersOf(), [{ worker: null }, { worker: null }])
})

test('a reason says how long in the same words, whatever style of intervals the session prefers', async () => {
  const silent = await db.value<string>(`select stepcast.open_run('silent', '["a"]', deadline => '600 microseconds')`)
  const steps = '[{"step": "a", "stuckAfter": 60000}]'
  const stuck = await db.value<string>(`select stepcast.open_run('stuck', $1)`, [steps])
  await db.rows("select stepcast.begin_step($1, 'a')", [stuck])
  await db.rows(
    "update stepcast.steps set updated_at = updated_at - interval '1 hour', revision = revision + 1 where run_id = $1",
    [stuck],
  )
  const client = await db.pool.connect()
  try {
    await client.query("set intervalstyle = 'iso_8601'")
    const { rows } = await client.query<{ run: { id: string; why: string } }>(
      "select stepcast.list_stuck('default', 100) as run",
    )
    assert.equal(rows.find(({ run }) => run.id === silent)?.run.why, 'nothing was heard of it for 00:00:00.0006')
    await client.query('select stepcast.expire_runs(), stepcast.end_stuck_steps()')
  } finally {
    client.release(true)
  }
  const errorOf = (run: string) => db.value('select error from stepcast.runs where id = $1', [run])
  assert.equal(await errorOf(silent), 'nothing was heard of it for 00:00:00.0006')
  assert.equal(await errorOf(stuck), 'stuck: no change and no log line for 00:01:00')
})
