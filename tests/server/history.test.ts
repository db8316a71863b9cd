import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ask, type Bench, openBench, post } from './bench.ts'

let bench: Bench
before(async () => {
  bench = await openBench()
})
after(() => bench[Symbol.asyncDispose]())

const lines = (body: string) => body.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))

test('logs are one JSON object a line, all of them, however many there are', async () => {
  const run = await bench.openRun()
  await bench.sql(`select stepcast.log_line($1, null, 'info', 'line ' || n) from generate_series(1, 2500) n`, run)
  const { headers, body } = await ask(`${bench.url}/runs/${run}/logs`)
  assert.match(headers.get('content-type') ?? '', /^application\/x-ndjson/)
  assert.deepEqual(
    lines(body).map(({ line, message }) => [line, message]),
    Array.from({ length: 2500 }, (_, index) => [index + 1, `line ${index + 1}`]),
  )
})

test('logs are filtered by step, level and line', async () => {
  const run = await bench.openRun({ steps: ['load', 'save'] })
  for (const [step, level] of [
    ['load', 'debug'],
    ['load', 'warn'],
    ['save', 'error'],
  ])
    await bench.sql("select stepcast.log_line($1, $2, $3, 'x')", run, step, level)
  const numbers = async (query: string) =>
    lines((await ask(`${bench.url}/runs/${run}/logs?${query}`)).body).map(({ line }) => line)
  assert.deepEqual(await numbers('step=load'), [1, 2])
  assert.deepEqual(await numbers('level=warn'), [2, 3])
  assert.deepEqual(await numbers('after=1&step=load'), [2])
  assert.deepEqual(await numbers('after=3'), [])
})

test('a step that the run does not have is 422, as of a retry, and one that has no line is none', async () => {
  const run = await bench.openRun({ steps: ['load', 'save'] })
  const { status, body } = await ask(`${bench.url}/runs/${run}/logs?step=nope`)
  const { body: retried } = await post(`${bench.url}/runs/${run}/cancel`).then(() =>
    post(`${bench.url}/runs/${run}/retry`, { from: 'nope' }),
  )
  const message = `run ${run} has no step nope`
  assert.deepEqual([status, body], [422, { ...retried, errors: [{ path: 'step', message }] }])
  assert.equal(body.detail, `${message}. Its steps are: load, save.`)
  const silent = await ask(`${bench.url}/runs/${run}/logs?step=load`)
  assert.deepEqual([silent.status, silent.body], [200, ''])
})

test('logs can be kept as a text', async () => {
  const run = await bench.openRun()
  await bench.sql("select stepcast.log_line($1, null, 'warn', 'disk is full')", run)
  const { headers, body } = await ask(`${bench.url}/runs/${run}/logs`, { headers: { accept: 'text/plain' } })
  assert.match(headers.get('content-type') ?? '', /^text\/plain/)
  assert.match(headers.get('content-disposition') ?? '', /^attachment/)
  assert.match(body, /^\d{4}-.* warn {2}disk is full\n$/)
})

test('a log of long lines is read a MiB at a time, and told whole', async () => {
  const run = await bench.openRun()
  await bench.sql(
    `select stepcast.log_line($1, null, 'info', repeat('é', 19990) || n) from generate_series(1, 60) n`,
    run,
  )
  const page = 'select count(*)::integer from stepcast.read_logs($1, $2, null, $3, null, 1000)'
  assert.equal(await bench.sql(page, 'default', run, 0), 27)
  assert.equal(await bench.sql(page, 'default', run, 54), 6)
  assert.equal(lines((await ask(`${bench.url}/runs/${run}/logs`)).body).length, 60)
})

test('in a text no message moves a cursor, or looks like another line of the log', async () => {
  const run = await bench.openRun()
  const message = 'one\u001b[2J\u009b31m\u202e\r\n2026-01-01T00:00:00Z error forged\ttwo'
  await bench.sql("select stepcast.log_line($1, null, 'info', $2)", run, message)
  const { body } = await ask(`${bench.url}/runs/${run}/logs`, { headers: { accept: 'text/plain' } })
  assert.equal(
    body.replace(/^\S+/, ''),
    ' info  one\ufffd[2J\ufffd31m\ufffd\n    2026-01-01T00:00:00Z error forged\ttwo\n',
  )
  assert.equal(lines((await ask(`${bench.url}/runs/${run}/logs`)).body)[0].message, message)
})

test('a run shows the latest hundred of its operations; its journal has them all', async () => {
  const run = await bench.openRun()
  await bench.sql(
    `do $$ begin for n in 1 .. 60 loop perform stepcast.cancel_run('${run}'); perform stepcast.retry_run('${run}'); end loop; end $$`,
  )
  const written = (await bench.sql(
    "select array_agg(entry order by entry) from stepcast.journal where run_id = $1 and action in ('cancel', 'retry')",
    run,
  )) as number[]
  const { operations } = (await ask(`${bench.url}/runs/${run}`)).body
  assert.equal(written.length, 120)
  assert.deepEqual(
    operations.map(({ entry }: { entry: number }) => entry),
    written.slice(-100),
  )
})

test('the journal is paged in order', async () => {
  const run = await bench.openRun({ steps: Array.from({ length: 150 }, (_, index) => `step_${index}`) })
  await bench.sql(`select stepcast.begin_step($1, 'step_' || n) from generate_series(0, 149) n`, run)
  await bench.sql(`select stepcast.complete_step($1, 'step_' || n) from generate_series(0, 149) n`, run)
  const first = (await ask(`${bench.url}/runs/${run}/journal`)).body
  const second = (await ask(`${bench.url}/runs/${run}/journal?after=${first.next}`)).body
  const entries = [...first.entries, ...second.entries].map(({ entry }) => entry)
  assert.deepEqual(
    entries,
    Array.from({ length: entries.length }, (_, index) => index + 1),
  )
  assert.deepEqual([first.entries.length, second.next], [200, null])
})
