import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readChanges, type Want } from '../../db/changes.ts'
import type { LogBatch, Patch, Row, RowPatch, Snapshot } from '../../db/contract.ts'
import { useDatabase } from '../support/fixture.ts'
import { begin, openRun, readRun, report } from './outside.ts'

const db = await useDatabase()

async function read(want: Omit<Want, 'steps'>) {
  const [change] = await readChanges(db.pool, [{ ...want, steps: true }])
  assert.ok(change)
  return {
    ...change,
    body: change.body === null ? null : (JSON.parse(change.body) as Snapshot | Patch),
    lines: change.lines === null ? null : (JSON.parse(change.lines) as LogBatch),
  }
}

test('a patch holds the steps changed since, a snapshot all of them', async () => {
  const run = await openRun(db)
  await begin(db, run, 'download')
  const { revision } = await readRun(db, run)
  await report(db, run, 'download', 10)
  const patch = await read({ run, since: revision, line: null })
  assert.deepEqual([patch.kind, patch.body?.steps.map(({ step }) => step)], ['patch', ['download']])
  const snapshot = await read({ run, since: null, line: null })
  assert.deepEqual([snapshot.kind, snapshot.body?.steps.length], ['snapshot', 3])
  assert.equal((await read({ run, since: snapshot.revision, line: null })).kind, 'none')
})

test('a revision from the future, or from before a retry, gets a snapshot', async () => {
  const run = await openRun(db)
  await begin(db, run, 'download')
  const { revision } = await readRun(db, run)
  assert.equal((await read({ run, since: revision + 1, line: null })).kind, 'snapshot')
  await db.rows("select stepcast.fail_step($1, 'download', 'no')", [run])
  await db.rows('select stepcast.retry_run($1)', [run])
  assert.equal((await read({ run, since: revision, line: null })).kind, 'snapshot')
})

test('log lines come after a line, after a revision, or as the last 500', async () => {
  const run = await openRun(db)
  await begin(db, run, 'download')
  const log = (from: number, to: number) =>
    db.rows("select stepcast.log_line($1, 'download', 'info', 'line ' || n) from generate_series($2::integer, $3) n", [
      run,
      from,
      to,
    ])
  await log(1, 510)
  const { revision } = await readRun(db, run)
  await log(511, 512)
  const numbers = async (want: Omit<Want, 'run' | 'steps'>) =>
    (await read({ run, ...want })).lines?.lines.map(({ line }) => line)
  assert.deepEqual(await numbers({ since: null, line: 510 }), [511, 512])
  assert.deepEqual(await numbers({ since: revision, line: -1 }), [511, 512])
  const tail = await numbers({ since: null, line: -1 })
  assert.deepEqual([tail?.length, tail?.[0], tail?.at(-1)], [500, 13, 512])
  assert.equal(await numbers({ since: null, line: 512 }), undefined)
})

test('of many runs with long log lines a read brings 16 MiB in all, and the next goes on in each', async () => {
  const runs = await Promise.all(Array.from({ length: 32 }, () => openRun(db)))
  await db.rows(
    `select count(stepcast.log_line(run, null, 'info', repeat(md5(n::text), 625)))
     from unnest($1::uuid[]) run, generate_series(1, 40) n`,
    [runs],
  )
  const readAll = (line: number) =>
    readChanges(
      db.pool,
      runs.map((run) => ({ run, since: null, line, steps: false })),
    )
  const first = await readAll(0)
  const bytes = first.reduce((sum, { lines }) => sum + Buffer.byteLength(lines ?? ''), 0)
  assert.ok(bytes > 16e6 && bytes < 18e6, `${bytes} bytes`)
  assert.deepEqual(new Set(first.map(({ line, isCut }) => `${line} ${isCut}`)), new Set(['27 true']))
  const second = await readAll(27)
  assert.deepEqual(new Set(second.map(({ line, isCut }) => `${line} ${isCut}`)), new Set(['40 false']))
})

test('of many runs with large metadata a read brings 16 MiB, and says of which it has read nothing', async () => {
  const runs = await Promise.all(Array.from({ length: 80 }, () => openRun(db)))
  await db.rows(
    "update stepcast.runs set metadata = jsonb_build_object('long', repeat('x', 250000)) where id = any ($1)",
    [runs],
  )
  const gone = '01890000-0000-7000-8000-000000000000'
  for (const since of [null, 1]) {
    const asked = (some: string[]) => some.map((run) => ({ run, since, line: null, steps: true }))
    const first = await readChanges(db.pool, asked([...runs, gone]))
    const { unread = [], [since === null ? 'snapshot' : 'patch']: read = [] } = Object.groupBy(
      first,
      ({ kind }) => kind,
    )
    const bytes = read.reduce((sum, { body }) => sum + Buffer.byteLength(body ?? ''), 0)
    assert.ok(bytes > 16e6 && bytes < 18e6, `${bytes} bytes`)
    assert.deepEqual([...read, ...unread].map(({ run }) => run).sort(), runs.toSorted())
    assert.equal(new Set(first.map(({ epoch }) => epoch)).size, 1)
    const second = await readChanges(db.pool, asked(unread.map(({ run }) => run)))
    assert.ok(second.every(({ body }) => body !== null))
  }
})

test('every read names the same epoch until the unlogged table is empty', async () => {
  const run = await openRun(db)
  const { epoch } = await read({ run, since: null, line: null })
  assert.equal((await read({ run, since: null, line: null })).epoch, epoch)
  await db.rows('truncate stepcast.epoch')
  assert.notEqual((await read({ run, since: null, line: null })).epoch, epoch)
})

test('an epoch outlives what rewrites or freezes its row, and begins below a savepoint as anywhere', async () => {
  const current = () => db.value('select stepcast.current_epoch()')
  await db.rows('truncate stepcast.epoch')
  await db.rows('do $$ begin perform stepcast.current_epoch(); exception when others then null; end $$')
  const epoch = await current()
  for (const statement of ['vacuum freeze stepcast.epoch', 'vacuum full stepcast.epoch', 'select']) {
    await db.rows(statement)
    assert.equal(await current(), epoch, statement)
  }
})

test('those who find a restored epoch at the same time name the same other one', async () => {
  // Written by another transaction than the row says.
  const [restored] = await db.rows('update stepcast.epoch set epoch = epoch returning epoch')
  const names = await Promise.all(Array.from({ length: 10 }, () => db.value('select stepcast.current_epoch()')))
  assert.equal(new Set(names).size, 1)
  assert.equal(await db.value('select stepcast.current_epoch()'), names[0])
  assert.notEqual(names[0], restored?.epoch)
})

test('a row is the run without its steps; a body needs the steps', async () => {
  const run = await openRun(db)
  const wanted = [null, 1].map((since) => ({ run, since, line: null, steps: false, row: true }))
  const [snapshot] = await readChanges(db.pool, wanted.slice(0, 1))
  const whole = await read({ run, since: null, line: null })
  assert.equal(snapshot?.body, null)
  const { steps: _, now: __, ...shown } = whole.body as Snapshot
  const { now, current, ...row } = JSON.parse(snapshot?.row ?? '') as Row
  assert.deepEqual(row, { ...shown, steps: null })
  assert.deepEqual([current?.step, current?.number, current?.total], ['download', 1, 3])
  assert.ok(!Number.isNaN(Date.parse(now)))
  await begin(db, run, 'download')
  const [patch] = await readChanges(db.pool, wanted.slice(1))
  const { run: changed, steps } = JSON.parse(patch?.row ?? '') as RowPatch
  assert.deepEqual([patch?.kind, changed.revision, changed.status, steps], ['patch', patch?.revision, 'running', null])
})
