import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ask, type Bench, openBench } from './bench.ts'

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

test('logs can be kept as a text', async () => {
  const run = await bench.openRun()
  await bench.sql("select stepcast.log_line($1, null, 'warn', 'disk is full')", run)
  const { headers, body } = await ask(`${bench.url}/runs/${run}/logs`, { headers: { accept: 'text/plain' } })
  assert.match(headers.get('content-type') ?? '', /^text\/plain/)
  assert.match(headers.get('content-disposition') ?? '', /^attachment/)
  assert.match(body, /^\d{4}-.* warn {2}disk is full\n$/)
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
