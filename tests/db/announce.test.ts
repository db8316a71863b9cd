import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { Announcer } from '../../db/announcer.ts'
import { type Announcement, NEWS } from '../../db/changes.ts'
import { advanceRuns } from '../../db/engine.ts'
import { silent } from '../../db/logger.ts'
import { startRun } from '../../db/runs.ts'
import { registerWorker } from '../../db/workers.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { workflow } from '../../worker/workflow.ts'
import { useDatabase } from '../support/fixture.ts'
import { claim } from './claim.ts'
import { begin, openRun, report } from './outside.ts'

const db = await useDatabase()

/** Everything announced while `change` ran: a marker sent after it is the last to arrive. */
async function announcedBy(change: (client: pg.Client) => Promise<unknown>): Promise<string[]> {
  const client = new pg.Client(db.url)
  await client.connect()
  const heard: string[] = []
  const marked = Promise.withResolvers<void>()
  client.on('notification', ({ channel, payload }) =>
    channel === 'marker' ? marked.resolve() : heard.push(payload ?? ''),
  )
  await client.query('listen stepcast; listen marker')
  await change(client)
  await db.rows("select pg_notify('marker', '')")
  await marked.promise
  await client.end()
  return heard
}

test('a committed change is announced with ids and numbers only', async () => {
  const run = await openRun(db)
  await begin(db, run, 'download')
  assert.deepEqual(await announcedBy(() => report(db, run, 'download', 10, 'secret')), [`[["${run}",3]]`])
})

test('a new run is announced once, as new', async () => {
  let run = ''
  const heard = await announcedBy(async () => {
    run = await openRun(db)
  })
  assert.deepEqual(heard, [`[["${run}",1,1]]`])
})

test('a change of status is announced as one, whoever makes it', async () => {
  const run = await openRun(db)
  assert.deepEqual(await announcedBy(() => begin(db, run, 'download')), [`[["${run}",2,2]]`])
  assert.deepEqual(await announcedBy(() => begin(db, run, 'resize')), [`[["${run}",3]]`])
  const cancelled = await announcedBy(() => db.rows('select stepcast.cancel_run($1)', [run]))
  assert.deepEqual(cancelled, [`[["${run}",4,2]]`])
  const metadata = () => db.rows(`update stepcast.runs set metadata = '{"a": 1}' where id = $1`, [run])
  assert.deepEqual(await announcedBy(metadata), [`[["${run}",5]]`])
})

test('a committed batch is announced with what is new of each run, and the newest of it', async () => {
  const runs = [await openRun(db), await openRun(db), await openRun(db)] as const
  const heard = await announcedBy(async () => {
    const announcer = new Announcer(db.pool, silent)
    announcer.announce(runs[0], 1, NEWS.inserted)
    announcer.announce(runs[0], 2, NEWS.status)
    announcer.announce(runs[1], 1, NEWS.status)
    announcer.announce(runs[1], 2)
    announcer.announce(runs[2], 3)
    await announcer.stop()
  })
  assert.deepEqual(heard, [`[["${runs[0]}",2,1],["${runs[1]}",2,2],["${runs[2]}",3]]`])
})

test('what rolls back is never announced', async () => {
  const run = await openRun(db)
  const heard = await announcedBy(async () => {
    const client = await db.pool.connect()
    await client.query('begin')
    await client.query('select stepcast.begin_step($1, $2)', [run, 'download'])
    await client.query('rollback')
    client.release()
  })
  assert.deepEqual(heard, [])
})

test('a statement that changes 500 runs is announced in five payloads under 8,000 bytes', async () => {
  await db.rows(`select stepcast.open_run('video', '["a"]') from generate_series(1, 500)`)
  const heard = await announcedBy(() => db.rows(`update stepcast.runs set metadata = '{"bulk": true}'`))
  const runs = heard.flatMap((payload) => JSON.parse(payload) as Announcement[])
  assert.ok(heard.length <= 5 && runs.length >= 500)
  assert.ok(heard.every((payload) => Buffer.byteLength(payload) < 8000))
})

test('an update that changes nothing announces nothing', async () => {
  await openRun(db)
  assert.deepEqual(await announcedBy(() => db.rows('update stepcast.runs set metadata = metadata')), [])
  assert.deepEqual(await announcedBy(() => db.rows('update stepcast.steps set message = message')), [])
})

test('a run that gets the place of one that a batch ends is announced by that batch, which is itself announced later', async () => {
  await registerWorkflows(db.pool, [workflow('one_by_one', { concurrency: { limit: 1 } }).step('work', () => {})])
  const life = await db.pool.connect()
  const worker = await registerWorker(life, 'test', 'stepcast test announce')
  const [first, next] = [await startNew(), await startNew()]
  const admit = (run: string) => db.value<boolean>('select stepcast.admit_run($1)', [run])
  assert.deepEqual([await admit(first), await admit(next)], [true, false])
  const { lease, step } = await claim(db.pool, first, worker)
  const ending = { id: step.id, attempt: 1, status: 'completed' as const, output: null, reason: null }
  const heard = await announcedBy(() =>
    advanceRuns(db.pool, worker, [{ run: first, lease, ending, settles: true }], false),
  )
  life.release(true)
  assert.deepEqual(heard, [`[["${next}",3]]`])
  assert.equal(await db.value('select admission from stepcast.runs where id = $1', [next]), 'admitted')
})

async function startNew(): Promise<string> {
  const who = { tenant: 'default', actor: 'test' }
  return (await startRun(db.pool, { ...who, workflow: 'one_by_one', input: {} })).id
}
