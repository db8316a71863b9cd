import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { startServer } from '../../server/start.ts'
import { startWorker } from '../../worker/start.ts'
import { TestStream } from '../server/stream.ts'
import { useDatabase } from '../support/fixture.ts'
import { temporaryFolder } from '../support/folder.ts'
import { size } from '../support/size.ts'
import { finished, pollForRow, waitForRow } from '../support/wait.ts'
import { hold, kill, runOf, type Script, scripts } from './outside.ts'

const db = await useDatabase()
const folder = await temporaryFolder()
const server = await startServer({ databaseUrl: db.url, port: 0 })
const worker = await startWorker({ workflows: [], databaseUrl: db.url })
after(async () => {
  await Promise.all([server.stop(), worker.stop()])
  await folder[Symbol.asyncDispose]()
})
await db.rows('create table planets (id integer primary key, name text not null)')
await db.rows(`insert into planets values (1, 'Mercury'), (2, 'Venus, hot'), (3, 'Earth')`)

const FILE = 'id,name\n1,Mercury\n2,"Venus, hot"\n3,Earth\n'
const job = { table: 'planets', file: join(folder.path, 'planets.csv'), folder: join(folder.path, 'backup') }

const running = (run: string, step: string) =>
  waitForRow(db.url, `select from stepcast.steps where run_id = $1 and step = $2 and status = 'running'`, [run, step])

/** A statement that begins so waits for a lock. */
const waiting = (statement: string) =>
  pollForRow(
    db.url,
    `select from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and starts_with(query, $1)`,
    [statement],
  )

/** Where each script is while the table that it works on is held, and which of its steps are completed by then. */
const CASES: { script: Script; table: string; lock: string; at: string; before: string[] }[] = [
  { script: 'backup.sql', table: 'planets', lock: 'access exclusive', at: 'export', before: [] },
  { script: 'backup.sh', table: 'planets', lock: 'access exclusive', at: 'planets', before: [] },
  { script: 'import.py', table: 'copies', lock: 'exclusive', at: 'load', before: ['check'] },
]

for (const { script, table, lock, at, before } of CASES) {
  const prepare = async () => {
    await writeFile(job.file, FILE)
    await db.rows('drop table if exists copies')
    await db.rows('create table copies (like planets)')
    return hold(db, table, lock)
  }

  test(`a watcher sees the steps of ${script} while they happen`, async () => {
    await using held = await prepare()
    await using started = scripts[script](db.url, { ...job, table })
    const run = await runOf(started)
    using stream = await (await TestStream.open(`${server.url}/runs/${run}/events`)).ready()
    const stepsThatAre = (status: string) => stream.state(run).steps.filter((step) => step.status === status)
    await stream.until(() => stepsThatAre('running').some(({ step }) => step === at))
    const completed = stepsThatAre('completed').filter(({ parentId }) => parentId === null)
    assert.deepEqual(
      completed.map(({ step }) => step),
      before,
    )
    await held.release()
    assert.equal(await started.ended, 0, started.output())
    await stream.named('end')
    assert.equal(stream.state(run).run?.status, 'completed')
    assert.ok(stream.state(run).steps.every(({ status }) => status === 'completed'))
  })

  // What is dead says nothing, whatever it was.
  if (size(script === 'backup.sh', true))
    test(`${script} killed midway: a worker fails its run after the deadline, and says why`, async () => {
      await using held = await prepare()
      await using started = scripts[script](db.url, { ...job, table, deadline: '2 seconds' })
      const run = await runOf(started)
      await running(run, at)
      await kill(started, 'SIGKILL')
      const { status, error } = await finished(db.url, run)
      assert.deepEqual({ status, error }, { status: 'failed', error: 'nothing was heard of it for 00:00:02' })
      await held.release()
    })

  test(`${script} silent for longer than its deadline is told that its run has failed, and ends with an error`, async () => {
    await using held = await prepare()
    await using started = scripts[script](db.url, { ...job, table, deadline: '1 second' })
    const run = await runOf(started)
    await finished(db.url, run)
    await held.release()
    assert.notEqual(await started.ended, 0)
    assert.match(started.output(), new RegExp(`run ${run} is failed`))
  })
}

test('backup.sql writes the table, and records it in the transaction that completes the step', async () => {
  await using started = scripts['backup.sql'](db.url, job)
  const run = await runOf(started)
  assert.equal(await started.ended, 0, started.output())
  assert.equal(await readFile(job.file, 'utf8'), FILE)
  assert.deepEqual(await db.rows('select name, rows from backups where run = $1', [run]), [
    { name: 'planets', rows: 3 },
  ])
})

test('backup.sql that cannot write its file fails the step: psql alone would not notice', async () => {
  const file = join(folder.path, 'missing/planets.csv')
  await using started = scripts['backup.sql'](db.url, { ...job, file })
  const { status, error } = await finished(db.url, await runOf(started))
  assert.deepEqual({ status, error }, { status: 'failed', error: `cannot write ${file}` })
  assert.equal(await started.ended, 3)
})

test('backup.sh writes each table compressed, with a sub-step of its own', async () => {
  await using started = scripts['backup.sh'](db.url, job)
  const run = await runOf(started)
  assert.equal(await started.ended, 0, started.output())
  assert.equal(gunzipSync(await readFile(join(job.folder, 'planets.csv.gz'))).toString(), FILE)
  const tables = await db.rows('select step from stepcast.steps where run_id = $1 and parent_id is not null', [run])
  assert.ok(tables.some(({ step }) => step === 'planets'))
})

test('backup.sh writes a table whose name holds a slash like any other', async () => {
  await db.rows('create table "planets/far%" (id integer)')
  await using started = scripts['backup.sh'](db.url, job)
  const run = await runOf(started)
  assert.equal(await started.ended, 0, started.output())
  await db.rows('drop table "planets/far%"')
  assert.equal(gunzipSync(await readFile(join(job.folder, 'planets%2Ffar%25.csv.gz'))).toString(), 'id\n')
  const part = await db.rows("select from stepcast.steps where run_id = $1 and step = 'planets%2Ffar%25'", [run])
  assert.equal(part.length, 1)
})

test('backup.sh fails the step with what a command complained of', async () => {
  const file = join(folder.path, 'file')
  await writeFile(file, '')
  await using started = scripts['backup.sh'](db.url, { ...job, folder: join(file, 'backup') })
  const { status, error } = await finished(db.url, await runOf(started))
  assert.equal(status, 'failed')
  assert.match(String(error), /mkdir: .*Not a directory/)
  assert.equal(await started.ended, 1)
})

test('backup.sh told to end fails its step first', async () => {
  await using _ = await hold(db, 'planets')
  await using started = scripts['backup.sh'](db.url, job)
  const run = await runOf(started)
  // A shell that is about to start the program that waits hears of a signal only when that has ended.
  await waiting('copy')
  await kill(started, 'SIGTERM')
  const { status, error } = await finished(db.url, run)
  assert.equal(status, 'failed')
  assert.doesNotMatch(String(error), /nothing was heard/)
})

test('import.py loads the rows, which commit with the step', async () => {
  await writeFile(job.file, FILE)
  await db.rows('truncate copies')
  await using started = scripts['import.py'](db.url, { ...job, table: 'copies' })
  assert.equal(await started.ended, 0, started.output())
  assert.deepEqual(await db.rows('table copies'), await db.rows('table planets'))
})

test('import.py fails the step at a bad line, with its number and where it was thrown, and no row stays', async () => {
  await writeFile(job.file, `${FILE}four,Mars\n`)
  await db.rows('truncate copies')
  await using started = scripts['import.py'](db.url, { ...job, table: 'copies' })
  const { status, error, error_stack } = await finished(db.url, await runOf(started))
  assert.equal(status, 'failed')
  assert.match(String(error), /^line 5: invalid input syntax for type integer: "four"/)
  assert.match(String(error_stack), /^Traceback/)
  assert.equal(await started.ended, 1)
  assert.deepEqual(await db.rows('table copies'), [])
})

test('import.py takes a file as spreadsheets write it, with a mark at its beginning, and passes over blank lines', async () => {
  await writeFile(job.file, `\ufeff\r\n${FILE.replaceAll('\n', '\r\n\r\n')}`)
  await db.rows('truncate copies')
  await using started = scripts['import.py'](db.url, { ...job, table: 'copies' })
  assert.equal(await started.ended, 0, started.output())
  assert.deepEqual(await db.rows('table copies'), await db.rows('table planets'))
})

test('import.py says which line has other values than the file has columns', async () => {
  await writeFile(job.file, `${FILE}4\n`)
  await using started = scripts['import.py'](db.url, { ...job, table: 'copies' })
  const { error } = await finished(db.url, await runOf(started))
  assert.equal(error, 'line 5: has 1 of 2 values')
})

test('import.py whose connection for the work is lost fails the step with that, and no row stays', async () => {
  await writeFile(job.file, FILE)
  await db.rows('truncate copies')
  await using _ = await hold(db, 'copies', 'exclusive')
  await using started = scripts['import.py'](db.url, { ...job, table: 'copies' })
  const run = await runOf(started)
  await waiting('insert')
  await db.rows(`
    select pg_terminate_backend(pid)
    from pg_stat_activity
    where datname = current_database() and starts_with(query, 'insert into "copies"')`)
  const { status, error } = await finished(db.url, run)
  assert.equal(status, 'failed')
  // In the words of the server, or of its client where these did not come through.
  assert.match(String(error), /^line 2: (terminating|server closed the) connection/)
  assert.equal(await started.ended, 1)
  assert.deepEqual(await db.rows('table copies'), [])
})

for (const [signal, reason] of [
  ['SIGTERM', 'stopped by SIGTERM'],
  ['SIGINT', 'KeyboardInterrupt'],
] as const)
  test(`import.py told to end by ${signal} fails its step first`, async () => {
    await writeFile(job.file, FILE)
    await using held = await hold(db, 'copies', 'exclusive')
    await using started = scripts['import.py'](db.url, { ...job, table: 'copies' })
    const run = await runOf(started)
    await waiting('insert')
    started.child.kill(signal)
    // Psycopg 2 hears of it when its statement is done.
    await held.release()
    const { status, error } = await finished(db.url, run)
    assert.deepEqual({ status, error }, { status: 'failed', error: reason })
  })
