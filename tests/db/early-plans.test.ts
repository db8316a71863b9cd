import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import pg from 'pg'
import { newestListed, newestRuns, readChanges, readFiled, readRevisions } from '../../db/changes.ts'
import { admitRun, advanceRuns, type Ending, failAttempt, peekRun, releaseRun } from '../../db/engine.ts'
import { migrate } from '../../db/migrate.ts'
import { flushReports } from '../../db/reports.ts'
import { startRun } from '../../db/runs.ts'
import { beginSubstep, completeSubstep } from '../../db/substeps.ts'
import { registerWorker } from '../../db/workers.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { workflow } from '../../worker/workflow.ts'
import { temporaryFolder } from '../support/folder.ts'
import { startOwnPostgres } from '../support/postgres.ts'
import { type Claimed, claim } from './claim.ts'

const OTHERS = 300
/** Of one table or index, for one run of three steps. */
const MOST = 100

// In a Postgres of its own, like hot.test.ts: a transaction in any database can keep dead versions of rows, which are
// counted too. And an analyze would bring better plans by chance.
const folder = await temporaryFolder()
const postgres = await startOwnPostgres({
  folder: join(folder.path, 'postgres'),
  durable: false,
  settings: { autovacuum: 'off' },
})
const session = new pg.Client(postgres.url)
after(async () => {
  await session.end()
  await postgres.stop()
  await folder[Symbol.asyncDispose]()
})
await migrate(postgres.url)
await session.connect()
await registerWorkflows(session, [
  workflow('nightly')
    .step('fetch', () => {})
    .step('load', () => {})
    .step('check', () => {}),
  ...['limited', 'crowded'].map((name) => workflow(name, { concurrency: { limit: 1 } }).step('work', () => {})),
])
await session.query('set stats_fetch_consistency = none')
const worker = await registerWorker(session, 'early', 'stepcast test early')

const OWN = { tenant: 'default', actor: 'test', workflow: 'nightly', input: {} }
const NOTHING = { messages: null, metadata: null }

/** What happens to a run in the hands of a worker while it is watched, a call at a time. */
async function* lifeOfARun(): AsyncGenerator<string> {
  const key = crypto.randomUUID()
  const { id } = await startRun(session, { ...OWN, key })
  yield 'start'
  await peekRun(session, id)
  yield 'peek'
  const held = await claim(session, id, worker)
  yield 'claim'
  await flush(held, 10)
  yield 'report'
  const part = await beginSubstep(session, held, held.step, 'part')
  await completeSubstep(session, held, part, null)
  yield 'sub-step'
  await advanceRuns(session, worker, [move(held)], true)
  yield 'look'
  const began = await end(held, held.step)
  yield 'next step'
  await readChanges(session, [{ run: id, since: 1, line: 0, steps: true, row: true }])
  yield 'changes'
  await readRevisions(session, [id])
  yield 'revisions'
  await readFiled(session, [id])
  yield 'filed'
  await newestRuns(session, [{ tenant: 'default', workflow: 'nightly', key }])
  yield 'newest under a key'
  const filter = { tenant: 'default', workflow: 'nightly', statuses: null, key: null, q: null, limit: 10 }
  await newestListed(session, [filter])
  yield 'list'
  const failure = { message: 'no', stack: null }
  const said = { worker, run: id, lease: held.lease, failure, retryable: false }
  await failAttempt(session, { ...said, step: Number(began?.id), attempt: began?.attempt ?? 0 })
  yield 'failure'
  await session.query('select stepcast.retry_run($1)', [id])
  yield 'retry'
  const again = await claim(session, id, worker)
  const last = await end(again, again.step)
  await end(again, last)
  yield 'end'
}

/** What happens to a run that needs a place in a slot, and whose worker gives it back once. */
async function* lifeInASlot(): AsyncGenerator<string> {
  const { id } = await startRun(session, { ...OWN, workflow: 'limited' })
  await admitRun(session, id)
  yield 'place'
  const held = await claim(session, id, worker)
  yield 'claim of a place'
  await releaseRun(session, { ...held, worker, reason: 'test' })
  yield 'release'
  const again = await claim(session, id, worker)
  await end(again, again.step)
  yield 'end in a slot'
}

/** What happens to a run that is driven by SQL. */
async function* lifeOutside(): AsyncGenerator<string> {
  const { rows } = await session.query<{ id: string }>(`select stepcast.open_run('video', '["a", "b"]') as id`)
  const values = [rows[0]?.id]
  yield 'open_run'
  await session.query("select stepcast.begin_step($1, 'a')", values)
  yield 'begin_step'
  await session.query("select stepcast.report_step($1, 'a', 50, 'half')", values)
  yield 'report_step'
  await session.query("select stepcast.complete_step($1, 'a')", values)
  yield 'complete_step'
  await session.query("update stepcast.runs set metadata = '{}' where id = $1", values)
  await session.query("update stepcast.steps set message = 'by hand' where run_id = $1 and step = 'b'", values)
  yield 'plain updates'
  await session.query('select stepcast.cancel_run($1)', values)
  yield 'cancel_run'
  await session.query('select stepcast.delete_run($1)', values)
  yield 'delete_run'
}

const move = ({ run, lease }: Claimed, ending: Ending | null = null) => ({ run, lease, ending, settles: true })

async function flush({ run, lease, step }: Claimed, progress: number): Promise<void> {
  const report = { run, lease, step: step.id, progress, message: `${progress} %`, ...NOTHING }
  await flushReports(session, [report], [{ run, lease, step: step.id, at: new Date(), level: 'info', message: 'x' }])
}

/** Ends a step; resolves to the one that began after it. */
async function end(held: Claimed, step: Pick<Claimed['step'], 'id' | 'attempt'> | undefined) {
  const ending = {
    id: Number(step?.id),
    attempt: step?.attempt ?? 0,
    status: 'completed' as const,
    output: null,
    reason: null,
  }
  const [answer] = await advanceRuns(session, worker, [move(held, ending)], true)
  assert.equal(answer?.outcome, 'done')
  return answer.began[0]
}

/** Rows of tables, and entries of their indexes, that this session has read of Stepcast's tables: by what was read. */
async function read(): Promise<Map<string, number>> {
  await session.query('select pg_stat_force_next_flush()')
  const { rows } = await session.query<{ name: string; read: string }>(
    `select relname as name, seq_tup_read as read from pg_stat_user_tables where schemaname = 'stepcast'
     union all
     select indexrelname, idx_tup_read from pg_stat_user_indexes where schemaname = 'stepcast'`,
  )
  return new Map(rows.map(({ name, read }) => [name, Number(read)]))
}

/** Three hundred of each kind: waiting for a worker or for a place, finished, and driven from outside. */
async function fill(): Promise<void> {
  const client = new pg.Client(postgres.url)
  await client.connect()
  await client.query(
    `select stepcast.start_run('nightly'), stepcast.admit_run(stepcast.start_run('crowded')),
       stepcast.cancel_run(stepcast.start_run('nightly')), stepcast.begin_step(stepcast.open_run('video', '["a", "b"]'), 'a')
     from generate_series(1, ${OTHERS})`,
  )
  // What it has read itself is counted now, and not while others are looked at.
  await client.query('select pg_stat_force_next_flush()')
  await client.end()
}

const LIVES = [lifeOfARun, lifeInASlot, lifeOutside]

test('a session that planned everything while there was nothing reads a few rows of hundreds', async () => {
  for (const life of LIVES) for await (const _ of life());
  await fill()
  const tooMany: string[] = []
  for (const life of LIVES) {
    let before = await read()
    for await (const call of life()) {
      const after = await read()
      for (const [name, count] of after) {
        const more = count - (before.get(name) ?? 0)
        if (more > MOST) tooMany.push(`${call}: ${more} of ${name}`)
      }
      before = after
    }
  }
  assert.deepEqual(tooMany, [])
})
