import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { retryRun, startRun } from '../../db/runs.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { startWorker } from '../../worker/start.ts'
import { useDatabase } from '../support/fixture.ts'
import { temporaryFolder } from '../support/folder.ts'
import { startProcess } from '../support/process.ts'
import { finished } from '../support/wait.ts'

const COMMAND = join(import.meta.dirname, '../../cli/main.ts')
const CONFIG = join(import.meta.dirname, '../../examples/csv-import/stepcast.config.ts')
const OWNER = { tenant: 'default', actor: 'test' }
const ROWS = 10_000
const KIB = '32'

// The example reads its settings when it is imported.
process.env.CSV_IMPORT_CHUNK_KIB = KIB
const { csvImport } = await import('../../examples/csv-import/stepcast.config.ts')
const { generate } = await import('../../examples/csv-import/generate.ts')

const db = await useDatabase()
const folder = await temporaryFolder()
after(() => folder[Symbol.asyncDispose]())
await db.rows(await readFile(join(import.meta.dirname, '../../examples/csv-import/schema.sql'), 'utf8'))
await registerWorkflows(db.pool, [csvImport])
const sample = join(folder.path, 'sample.csv')
await generate(sample, ROWS)
const text = await readFile(sample, 'utf8')

const start = async (path: string) =>
  (await startRun(db.pool, { ...OWNER, workflow: 'csv_import', input: { path } })).id
const work = () => startWorker({ workflows: [csvImport], databaseUrl: db.url })
const loadedBy = (run: string) => db.value<number>('select count(*)::integer from readings where run_id = $1', [run])

const GATE = 4_711
/** Whoever copies a row from the middle of the file waits, in the middle of its statement, while the gate is locked. */
const WAIT_AT_A_ROW = `
  create function wait_at_gate() returns trigger language plpgsql as $$
  begin
    perform pg_advisory_xact_lock(${GATE});
    return new;
  end $$;
  create trigger wait_at_gate before insert on readings for each row
    when (new.sensor = 'kitchen' and new.at = '2026-01-01 17:00Z') execute function wait_at_gate();`

/** The chunks of a run, by how often each was completed. */
async function completions(run: string): Promise<number[]> {
  const rows = await db.rows<{ times: number }>(
    `select count(*)::integer as times
     from stepcast.attempts a
     join stepcast.steps s on s.id = a.step_id
     where a.run_id = $1 and a.status = 'completed' and s.parent_id is not null
     group by s.id`,
    [run],
  )
  return rows.map(({ times }) => times)
}

const lines = text.split('\n')
/** A line in the middle of the file, as an editor counts, that is not inside a quoted field. */
const BAD_LINE = lines.findIndex((line, index) => index > lines.length / 2 && line.startsWith('kitchen')) + 1
const withLine = (change: (line: string) => string) =>
  lines.map((line, index) => (index === BAD_LINE - 1 ? change(line) : line)).join('\n')

test('every row of the file is loaded once, whatever its fields hold', async () => {
  await using _ = await work()
  const run = await start(sample)
  assert.equal((await finished(db.url, run)).status, 'completed')
  assert.equal(await loadedBy(run), ROWS)
  assert.ok((await completions(run)).length > 5, 'there are chunks')
  const sensors = await db.rows('select distinct sensor from readings where run_id = $1 order by sensor', [run])
  assert.deepEqual(
    sensors.map(({ sensor }) => sensor).sort(),
    ['cellar', 'garden\nshed', 'kitchen', 'roof, north', 'the "cold" room'].sort(),
  )
})

for (const [what, bad, message] of [
  ['of a wrong type', '20.00x', 'invalid input syntax for type numeric: "20.00x"'],
  [
    'that breaks a rule of the table',
    '99',
    'new row for relation "readings" violates check constraint "celsius_is_on_earth"',
  ],
] as const) {
  test(`a value ${what} fails the step with its line; mended, a retry goes on from that chunk`, async () => {
    await using _ = await work()
    const path = join(folder.path, `bad-${bad}.csv`)
    await writeFile(
      path,
      withLine((line) => line.replace(/[^,]*$/, bad)),
    )
    const run = await start(path)
    assert.equal((await finished(db.url, run)).error, `Line ${BAD_LINE}: ${message}`)
    const before = await loadedBy(run)
    assert.ok(before > 0 && before < ROWS, 'the chunks before it stay')

    // Longer than the line was: every byte after it moves.
    await writeFile(
      path,
      withLine((line) => line.replace(/[^,]*$/, '20.000000000000')),
    )
    await retryRun(db.pool, { ...OWNER, run })
    assert.equal((await finished(db.url, run)).error, null)
    assert.equal(await loadedBy(run), ROWS)
    assert.deepEqual(new Set(await completions(run)), new Set([1]), 'no chunk was loaded twice')
  })
}

test('a retry after a change of what is loaded already says so, and loads nothing more', async () => {
  await using _ = await work()
  const path = join(folder.path, 'changed.csv')
  await writeFile(
    path,
    withLine(() => 'kitchen'),
  )
  const run = await start(path)
  assert.match(String((await finished(db.url, run)).error), new RegExp(`^Line ${BAD_LINE}: missing data`))
  const before = await loadedBy(run)
  await writeFile(path, text.replace('cellar', 'attic'))
  await retryRun(db.pool, { ...OWNER, run })
  assert.match(String((await finished(db.url, run)).error), /^Lines 2 to \d+ are loaded and were changed since/)
  assert.equal(await loadedBy(run), before)
})

for (const from of ['load', 'inspect']) {
  test(`a retry from ${from} loads the file as it is now, in place of what the run had loaded`, async () => {
    await using _ = await work()
    const path = join(folder.path, `from-${from}.csv`)
    await writeFile(
      path,
      withLine(() => 'kitchen'),
    )
    const run = await start(path)
    assert.match(String((await finished(db.url, run)).error), new RegExp(`^Line ${BAD_LINE}: missing data`))
    await writeFile(path, text.replace('cellar', 'attic'))
    await retryRun(db.pool, { ...OWNER, run, from })
    assert.equal((await finished(db.url, run)).error, null)
    assert.equal(await loadedBy(run), ROWS)
    assert.equal((await db.rows("select from readings where run_id = $1 and sensor = 'attic'", [run])).length, 1)
  })
}

test('a file with another header is refused before anything is loaded', async () => {
  await using _ = await work()
  const path = join(folder.path, 'other.csv')
  await writeFile(path, 'a,b\r\n1,2\r\n')
  const { error } = await finished(db.url, await start(path))
  assert.equal(error, `${path} begins with “a,b”, not with “sensor,at,celsius”.`)
})

test('the last line may lack its line end', async () => {
  await using _ = await work()
  const path = join(folder.path, 'short.csv')
  await writeFile(path, 'sensor,at,celsius\ncellar,2026-01-01,1\ncellar,2026-01-02,2')
  const run = await start(path)
  assert.equal((await finished(db.url, run)).error, null)
  assert.equal(await loadedBy(run), 2)
})

test('killed in the middle of a chunk, another worker goes on with it: every row once', async () => {
  await db.rows(WAIT_AT_A_ROW)
  const gate = await db.pool.connect()
  await gate.query(`select pg_advisory_lock(${GATE})`)
  const run = await start(sample)
  const env = { DATABASE_URL: db.url, CSV_IMPORT_CHUNK_KIB: KIB }
  await using victim = startProcess(COMMAND, ['worker', '--workflows', CONFIG], { env })
  while ((await db.rows(`select from pg_locks where objid = ${GATE} and not granted`)).length === 0) await sleep(10)
  victim.child.kill('SIGKILL')
  await victim.ended
  await gate.query(`select pg_advisory_unlock(${GATE})`)
  gate.release()
  const before = await loadedBy(run)
  assert.ok(before > 0 && before < ROWS, 'the chunks before it stay, and nothing of this one')

  await using _ = await work()
  assert.equal((await finished(db.url, run)).error, null)
  assert.equal(await loadedBy(run), ROWS)
  assert.deepEqual(new Set(await completions(run)), new Set([1]))
})
