import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { silent } from '../../db/logger.ts'
import { startRun } from '../../db/runs.ts'
import type { SubstepContext } from '../../worker/context.ts'
import { startWorker } from '../../worker/start.ts'
import { type Workflow, workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { type FinishedRun, finished, waitForRow } from '../support/wait.ts'

const db = await useDatabase()
await db.rows('create table effects (run uuid, effect text)')

const start = (workflow: string, input: unknown = {}) =>
  startRun(db.pool, { tenant: 'default', actor: 'test', workflow, input })

async function runOnce(definition: Workflow): Promise<FinishedRun> {
  await using _ = await startWorker({ workflows: [definition], databaseUrl: db.url })
  return await finished(db.url, (await start(definition.definition.name)).id)
}

const attempts = (run: string) =>
  db.rows<{ step: string; attempt: number; status: string; error: string | null }>(
    `select s.step, a.attempt, a.status, a.error
     from stepcast.attempts a
     join stepcast.steps s on s.id = a.step_id
     where a.run_id = $1
     order by s.id, a.attempt`,
    [run],
  )

test('a try that fails is tried again, its effects undone, as often as the step allows', async () => {
  const flaky = workflow('flaky').step('try', { retry: { attempts: 3, delay: 10 } }, async (ctx) => {
    await ctx.tx.query('insert into effects values ($1, $2)', [ctx.run.id, `try ${ctx.attempt}`])
    if (ctx.attempt < 3) throw new Error(`no ${ctx.attempt}`)
    return ctx.idempotencyKey
  })
  const run = await runOnce(flaky)
  assert.equal(run.status, 'completed', String(run.error))
  assert.equal(run.output, `${run.id}/try`)
  assert.deepEqual(await attempts(run.id), [
    { step: 'try', attempt: 1, status: 'failed', error: 'no 1' },
    { step: 'try', attempt: 2, status: 'failed', error: 'no 2' },
    { step: 'try', attempt: 3, status: 'completed', error: null },
  ])
  assert.deepEqual(await db.rows('select effect from effects where run = $1', [run.id]), [{ effect: 'try 3' }])
})

test('with no try left the step has failed, with the last error; retry_run starts the count anew', async () => {
  let calls = 0
  const failing = workflow('failing').step('try', { retry: { attempts: 2, delay: 10 } }, ({ attempt }) => {
    calls++
    if (attempt < 4) throw new Error(`no ${attempt}`)
  })
  await using _ = await startWorker({ workflows: [failing], databaseUrl: db.url })
  const { id } = await start('failing')
  assert.equal((await finished(db.url, id)).error, 'no 2')
  await db.rows('select stepcast.retry_run($1)', [id])
  const { rows } = await db.pool.query('select status from stepcast.runs where id = $1', [id])
  assert.notEqual(rows[0]?.status, 'failed')
  assert.equal((await finished(db.url, id)).status, 'completed')
  assert.equal(calls, 4)
})

test('a step that waited for its next try when its run ended has all of them again after retry_run', async () => {
  const waiting = workflow('waiting_at_the_end')
    .step('waits', { needs: [], retry: { attempts: 2, delay: '1h' } }, () => {
      throw new Error('not yet')
    })
    .step('fails', { needs: [] }, async () => {
      await waitForRow(db.url, "select from stepcast.steps where step = 'waits' and next_attempt_at is not null")
      throw new Error('for good')
    })
  const { id } = await runOnce(waiting)
  await db.rows('select stepcast.retry_run($1)', [id])
  assert.equal(await db.value("select failures from stepcast.steps where run_id = $1 and step = 'waits'", [id]), 0)
})

test('retry_run leaves alone what a completed step has made do without', async () => {
  const lenient = workflow('lenient')
    .step('first', (ctx) =>
      ctx
        .substep('optional', () => {
          throw new Error('not there')
        })
        .catch(() => {}),
    )
    .step('second', () => {
      throw new Error('for good')
    })
  const { id } = await runOnce(lenient)
  await db.rows('select stepcast.retry_run($1)', [id])
  const statuses = await db.rows('select step, status from stepcast.steps where run_id = $1 order by id', [id])
  assert.deepEqual(Object.fromEntries(statuses.map(({ step, status }) => [step, status])), {
    first: 'completed',
    second: 'pending',
    optional: 'failed',
  })
})

test('an error that a further try cannot mend fails the step at once', async () => {
  const hopeless = workflow('hopeless').step(
    'try',
    { retry: { attempts: 5, unless: (error) => error instanceof RangeError } },
    () => {
      throw new RangeError('never')
    },
  )
  const run = await runOnce(hopeless)
  assert.deepEqual([run.error, (await attempts(run.id)).length], ['never', 1])
})

test('while it waits, a step is pending with its attempt and the time of the next, and its run keeps no worker busy', async () => {
  const patient = workflow('patient').step(
    'try',
    { retry: { attempts: 2, delay: '1h', maxDelay: '1h', jitter: 0 } },
    () => {
      throw new Error('not yet')
    },
  )
  await using _ = await startWorker({ workflows: [patient], databaseUrl: db.url })
  const { id } = await start('patient')
  const row = await waitForRow<{ attempt: number; wait: number; worker: number | null; status: string; job: number }>(
    db.url,
    `select s.attempt, r.worker, r.status, extract(epoch from s.next_attempt_at - clock_timestamp())::integer as wait,
       (select extract(epoch from j.run_at - clock_timestamp())::integer from graphile_worker.jobs j where j.key = r.id::text) as job
     from stepcast.steps s
     join stepcast.runs r on r.id = s.run_id
     where r.id = $1 and s.status = 'pending' and s.next_attempt_at is not null`,
    [id],
  )
  assert.deepEqual([row.attempt, row.worker, row.status], [1, null, 'running'])
  assert.ok(row.wait > 3_500 && row.wait <= 3_600, `${row.wait} s`)
  assert.ok(row.job > 3_500 && row.job <= 3_600, `the job comes in ${row.job} s`)
})

test('waits grow to the maximum also where the factor is small, or enormous', async () => {
  await db.rows(`
    insert into stepcast.workflows (name, version, display_name, steps)
    values ('gentle', '1', 'Gentle', '[
      {"step": "a", "retry": {"attempts": 9999, "delay": 1000, "factor": 1.05, "maxDelay": 300000, "jitter": 0}},
      {"step": "b", "retry": {"attempts": 9999, "delay": 1000, "factor": 1e300, "maxDelay": 300000, "jitter": 0}}
    ]')`)
  const rows = await db.rows<{ seconds: number }>(`
    select extract(epoch from stepcast.retry_delay(
      jsonb_populate_record(null::stepcast.runs, '{"workflow": "gentle", "workflow_version": "1", "driver": "worker"}'),
      jsonb_populate_record(null::stepcast.steps, jsonb_build_object('sequence', sequence, 'failures', failures))
    ))::float8 as seconds
    from (values (1, 1), (1, 60), (1, 100), (1, 117), (1, 9000), (2, 0), (2, 1), (2, 9000)) tries (sequence, failures)`)
  assert.deepEqual(
    rows.map(({ seconds }) => Math.round(100 * seconds) / 100),
    [1.05, 18.68, 131.5, 300, 300, 1, 300, 300],
  )
})

test('waits grow by the factor up to the maximum, and are spread by chance', async () => {
  const waits = await db.rows<{ failures: number; shortest: number; longest: number }>(`
    insert into stepcast.workflows (name, version, display_name, steps)
    values ('waits', '1', 'Waits', '[{"step": "a", "retry": {"attempts": 9, "delay": 1000, "factor": 3, "maxDelay": 20000, "jitter": 0.5}}]')
    returning 0 as failures, 0 as shortest, 0 as longest`)
  assert.equal(waits.length, 1)
  const rows = await db.rows<{ failures: number; shortest: number; longest: number; none: boolean }>(`
    with one as (
      select
        jsonb_populate_record(null::stepcast.runs, '{"workflow": "waits", "workflow_version": "1", "driver": "worker"}') as run,
        jsonb_populate_record(null::stepcast.steps, jsonb_build_object('sequence', 1, 'failures', failures)) as step,
        failures
      from unnest(array[0, 1, 2, 3, 7, 8]) failures
    )
    select failures, min(extract(epoch from wait) * 1000)::integer as shortest, max(extract(epoch from wait) * 1000)::integer as longest, bool_and(wait is null) as none
    from one
    cross join generate_series(1, 300) n
    cross join lateral (select stepcast.retry_delay(run, step) as wait where n > 0) delays
    group by failures
    order by failures`)
  const bounds = rows.map(({ failures, shortest, longest, none }) => {
    if (none) return [failures, null]
    const most = Math.min(20_000, 1_000 * 3 ** failures)
    assert.ok(longest <= most && longest > most * 0.9, `${failures}: ${longest}`)
    assert.ok(shortest >= most / 2 && shortest < most * 0.6, `${failures}: ${shortest}`)
    return [failures, most]
  })
  assert.deepEqual(bounds, [
    [0, 1_000],
    [1, 3_000],
    [2, 9_000],
    [3, 20_000],
    [7, 20_000],
    [8, null],
  ])
})

test('two steps wait for their tries while a sibling runs: each is begun once, by the process that has the run', async () => {
  const calls: string[] = []
  const ended = { fast: Promise.withResolvers<void>(), slow: Promise.withResolvers<void>() }
  const flaky = (name: 'fast' | 'slow') => (ctx: { attempt: number }) => {
    calls.push(`${name} ${ctx.attempt}`)
    if (ctx.attempt === 1) throw new Error('once')
    ended[name].resolve()
  }
  const timed = workflow('timed')
    .step('long', async () => {
      await Promise.all([ended.fast.promise, ended.slow.promise])
    })
    .step('fast', { needs: [], retry: { attempts: 2, delay: 30, jitter: 0 } }, flaky('fast'))
    .step('slow', { needs: [], retry: { attempts: 2, delay: 120, jitter: 0 } }, flaky('slow'))
  // Another worker that would take any job there is.
  await using _ = await startWorker({ workflows: [timed], databaseUrl: db.url })
  await using _other = await startWorker({ workflows: [timed], databaseUrl: db.url })
  const run = await finished(db.url, (await start('timed')).id)
  assert.equal(run.status, 'completed', String(run.error))
  assert.deepEqual(calls.toSorted(), ['fast 1', 'fast 2', 'slow 1', 'slow 2'])
  const workers = await db.rows('select distinct worker from stepcast.attempts where run_id = $1', [run.id])
  assert.equal(workers.length, 1, 'its process woke the waiting ones itself')
})

test('a waiting step that is skipped by hand lets its run go on at once', async () => {
  const skippable = workflow('skippable')
    .step('try', { retry: { attempts: 2, delay: '1h', maxDelay: '1h' } }, () => {
      throw new Error('not yet')
    })
    .step('next', () => 'went on')
  await using _ = await startWorker({ workflows: [skippable], databaseUrl: db.url })
  const { id } = await start('skippable')
  await waitForRow(db.url, 'select from stepcast.steps where run_id = $1 and next_attempt_at is not null', [id])
  await db.rows("update stepcast.steps set status = 'skipped' where run_id = $1 and step = 'try'", [id])
  assert.equal((await finished(db.url, id)).output, 'went on')
})

test('a waiting step that is cancelled by hand ends its run', async () => {
  const stoppable = workflow('stoppable').step('try', { retry: { attempts: 2, delay: '1h' } }, () => {
    throw new Error('not yet')
  })
  await using _ = await startWorker({ workflows: [stoppable], databaseUrl: db.url })
  const { id } = await start('stoppable')
  await waitForRow(db.url, 'select from stepcast.steps where run_id = $1 and next_attempt_at is not null', [id])
  await db.rows("update stepcast.steps set status = 'cancelled' where run_id = $1", [id])
  assert.equal((await finished(db.url, id)).status, 'cancelled')
})

test('a sub-step that was completed is not done again by the next try of its step', async () => {
  const calls: string[] = []
  const parts = workflow('parts').step('work', { retry: { attempts: 2, delay: 10 } }, async (ctx) => {
    await ctx.substep('first', () => void calls.push('first'))
    await ctx.substep('second', () => {
      calls.push('second')
      if (ctx.attempt === 1) throw new Error('once')
    })
  })
  assert.equal((await runOnce(parts)).status, 'completed')
  assert.deepEqual(calls, ['first', 'second', 'second'])
})

test('the journal says also of a sub-step that it was set back before it begins again', async () => {
  const again = workflow('again').step('work', { retry: { attempts: 2, delay: 10 } }, (ctx) =>
    ctx.substep('part', () => {
      if (ctx.attempt === 1) throw new Error('once')
    }),
  )
  const { id } = await runOnce(again)
  const entries = await db.rows<{ from_status: string; to_status: string }>(
    "select from_status, to_status from stepcast.journal where run_id = $1 and step = 'part' order by entry",
    [id],
  )
  assert.deepEqual(
    entries.map(({ from_status, to_status }) => `${from_status} → ${to_status}`),
    ['pending → running', 'running → failed', 'failed → pending', 'pending → running', 'running → completed'],
  )
})

test('what a failed try left behind hears of its end, and writes nothing into the next', async () => {
  const heard = Promise.withResolvers<void>()
  const tries: string[] = []
  const leaving = workflow('leaving').step('work', { retry: { attempts: 2, delay: 1 } }, async (ctx) => {
    tries.push(`${ctx.attempt} begins`)
    if (ctx.attempt > 1) return heard.promise
    const lasting = async (sub: SubstepContext) => {
      await once(sub.signal, 'abort')
      tries.push(`${ctx.attempt} hears`)
      sub.log('too late')
      ctx.report(50, 'too late')
      await assert.rejects(
        ctx.substep('late', () => {}),
        { name: 'Stopped' },
      )
      heard.resolve()
    }
    await Promise.all([
      ctx.substep('lasting', lasting),
      ctx.substep('failing', () => Promise.reject(new Error('once'))),
    ])
  })
  const { id, status } = await runOnce(leaving)
  assert.equal(status, 'completed')
  assert.deepEqual(tries, ['1 begins', '1 hears', '2 begins'])
  assert.equal(await db.value('select count(*)::integer from stepcast.logs where run_id = $1', [id]), 0)
  assert.equal(await db.value("select message from stepcast.steps where run_id = $1 and step = 'work'", [id]), null)
})

test('a try that ended well was not in vain: its signal stays as it was', async () => {
  let isAborted = false
  const cleaning = workflow('cleaning')
    .step('work', (ctx) => {
      ctx.signal.addEventListener('abort', () => {
        isAborted = true
      })
    })
    .step('next', () => {})
  assert.equal((await runOnce(cleaning)).status, 'completed')
  assert.equal(isAborted, false)
})

test('a sub-step that nobody waits for and that fails does not end the process', async () => {
  const failed = Promise.withResolvers<void>()
  const forgetful = workflow('forgetful').step('work', async (ctx) => {
    void ctx.substep('part', () => {
      setImmediate(failed.resolve)
      throw new Error('unheard')
    })
    await failed.promise
  })
  assert.equal((await runOnce(forgetful)).status, 'completed')
})

test('sub-steps that a handler does not wait for are told of, and each hears why it wrote nothing', async () => {
  const warnings: object[] = []
  const logger = { ...silent, warn: (fields: object) => warnings.push(fields) }
  const left = Promise.withResolvers<void>()
  const late: Promise<unknown>[] = []
  const forgetful = workflow('hasty')
    .step('work', async (ctx) => {
      const begun = Promise.withResolvers<void>()
      const part = (sub: SubstepContext) => {
        begun.resolve()
        return left.promise.then(() => sub.tx.query('insert into effects values ($1, $2)', [sub.run.id, 'lost']))
      }
      late.push(
        ctx.substep('part', part),
        begun.promise.then(() => left.promise).then(() => ctx.substep('more', part)),
      )
      await begun.promise
    })
    .step('next', async () => {
      left.resolve()
      const reasons = (await Promise.allSettled(late)).map((end) => end.status === 'rejected' && end.reason.message)
      assert.deepEqual(reasons, [
        'step work has ended without its sub-step part, which wrote nothing: await each sub-step',
        'step work has ended without its sub-step more, which wrote nothing: await each sub-step',
      ])
    })
  await using _ = await startWorker({ workflows: [forgetful], databaseUrl: db.url, logger })
  const { id } = await start('hasty')
  const { status, error } = await finished(db.url, id)
  assert.equal(status, 'completed', String(error))
  assert.partialDeepStrictEqual(warnings, [{ run: id, step: 'work', substeps: ['part'] }])
})

test('a statement that nobody waits for and that fails, fails its step and does not end the process', async () => {
  const careless = workflow('careless').step('work', (ctx) => {
    void ctx.tx.query('select 1 / 0')
  })
  const { status, error } = await runOnce(careless)
  assert.equal(status, 'failed')
  assert.match(String(error), /^an earlier statement in tx of step work .* failed, .*: division by zero\./)
})
