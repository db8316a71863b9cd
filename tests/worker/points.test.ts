import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, test } from 'node:test'
import { startRun } from '../../db/runs.ts'
import type { Point } from '../../worker/points.ts'
import { startWorker } from '../../worker/start.ts'
import { useDatabase } from '../support/fixture.ts'
import { size } from '../support/size.ts'
import { finished, pollForRow } from '../support/wait.ts'
import { DECLARED_DEAD, forkDoomed, there } from './doomed.ts'
import { effects, failing, LEDGER, ledgered } from './ledger.ts'

const db = await useDatabase()
await db.rows(LEDGER)

const EFFECTS = {
  ledgered: ['first', 'middle/a', 'middle/b', 'middle/c', 'middle', 'last', 'end completed'],
  failing: ['flaky', 'last'],
}
type Name = keyof typeof EFFECTS

const start = (workflow: Name) =>
  startRun(db.pool, { tenant: 'default', actor: 'test', workflow, input: { stopAt: 'nowhere' } })

/** Each point where a process may die, in which workflow and step it is reached. */
const POINTS: [Point, Name, string?][] = [
  ['fetched', 'ledgered'],
  ['claimed', 'ledgered'],
  ['returned', 'ledgered', 'first'],
  ['before commit', 'ledgered', 'middle'],
  ['before commit', 'ledgered', 'last'],
  ['committed', 'ledgered', 'first'],
  ['committed', 'ledgered', 'last'],
  ['before sub-step commit', 'ledgered', 'middle/b'],
  ['sub-step committed', 'ledgered', 'middle/b'],
  ['failed', 'failing', 'flaky'],
  ['before job completion', 'ledgered'],
]

/** Where a step is the last one it dies as elsewhere: that is tried in the long run. */
const KILLS = size(
  POINTS.filter(([, , step]) => step !== 'last'),
  POINTS,
)

/** A stopped process is told from a killed one by what it writes when it wakes up, in the engine or to Graphile: the rest is tried in the long run. */
const STOPS = size(
  KILLS.filter(([point]) => ['before commit', 'before job completion'].includes(point)),
  POINTS,
)

/** The run ended well, each effect and each step once, and nothing is left of it in Graphile's tables. */
async function checkOnce(run: string, name: Name): Promise<void> {
  const { status, error } = await finished(db.url, run)
  assert.equal(status, 'completed', String(error))
  assert.deepEqual(await effects(db, run), EFFECTS[name])
  const twice = await db.rows(
    `select s.step
     from stepcast.attempts a
     join stepcast.steps s on s.id = a.step_id
     where a.run_id = $1 and a.status = 'completed'
     group by s.id
     having count(*) > 1`,
    [run],
  )
  assert.deepEqual(twice, [], 'no step completed twice')
}

/** Whoever died is done with. */
const takenOver = (survivor: number) =>
  pollForRow(db.url, 'select where not exists (select from stepcast.workers where id <> $1)', [survivor])

for (const [point, name, step] of KILLS) {
  const where = `“${point}”${step ? ` of ${step}` : ''}`

  test(`killed at ${where}: the run goes on by itself, every effect once`, async () => {
    const doomed = await forkDoomed(db.url, { signal: 'SIGKILL', point, ...(step && { step }) })
    // Before the start: it may be dead before this process hears that the run was started.
    const died = once(doomed, 'exit')
    const { id } = await start(name)
    await died
    await using _ = await startWorker({ workflows: [ledgered, failing], databaseUrl: db.url })
    await checkOnce(id, name)
    await takenOver(_.id)
    assert.deepEqual(await db.rows('select key from graphile_worker.jobs where attempts >= max_attempts'), [])
  })

  if (!STOPS.some((stop) => stop[0] === point && stop[2] === step)) continue

  test(`stopped at ${where}, taken for dead, then waking up: what it writes never lands`, async () => {
    const zombie = await forkDoomed(db.url, { signal: 'SIGSTOP', point, ...(step && { step }) })
    after(() => zombie.kill('SIGKILL'))
    const stopped = there(zombie)
    const { id } = await start(name)
    await stopped
    // As if its silence had lasted: nobody else beats for it.
    await db.rows("update stepcast.workers set beat_at = beat_at - interval '1 minute'")
    await using _ = await startWorker({ workflows: [ledgered, failing], databaseUrl: db.url })
    await checkOnce(id, name)
    await takenOver(_.id)
    const gone = once(zombie, 'exit')
    zombie.kill('SIGCONT')
    assert.equal((await gone)[0], DECLARED_DEAD)
    await checkOnce(id, name)
  })
}

test('rows that replaced jobs left behind are cleaned up', async () => {
  const { id } = await start('failing')
  await db.rows(
    `update graphile_worker._private_jobs
     set key = null, attempts = max_attempts, locked_by = 'gone', locked_at = now() - interval '2 minutes'
     where key = $1`,
    [id],
  )
  await db.rows(
    "update stepcast.runs set updated_at = now() - interval '1 minute', run_at = now() - interval '1 minute', revision = revision + 1 where id = $1",
    [id],
  )
  await db.rows("update stepcast.chores set done_at = 'epoch'")
  await using _ = await startWorker({ workflows: [ledgered, failing], databaseUrl: db.url })
  await checkOnce(id, 'failing')
  assert.equal(
    await db.value("select count(*)::integer from graphile_worker._private_jobs where locked_by = 'gone'"),
    0,
  )
})
