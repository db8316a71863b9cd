import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Bench, openBench, post } from './bench.ts'
import { type OfRun, TestStream } from './stream.ts'

let bench: Bench
before(async () => {
  bench = await openBench()
})
after(() => bench[Symbol.asyncDispose]())

const open = (run: string, options: OfRun = {}) => TestStream.ofRun(bench.url, run, options)
const logMany = (run: string, lines: number) =>
  bench.sql("select count(stepcast.log_line($1, 'load', 'info', n::text)) from generate_series(1, $2) n", run, lines)
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => String(from + n))

test('whoever comes back and gets a snapshot gets the latest lines, as a newcomer does', async () => {
  const run = await bench.openRun()
  await bench.begin(run)
  using first = await (await open(run, { query: '?logs=1' })).ready()
  const id = String(first.events[0]?.id)
  await bench.fail(run)
  await post(`${bench.url}/runs/${run}/retry`)
  await bench.begin(run)
  await logMany(run, 2_500)
  const assertIsAsNew = async (lastEventId: string) => {
    using stream = await (await open(run, { query: '?logs=1', lastEventId })).ready()
    assert.equal(stream.names[0], 'snapshot')
    await stream.until(() => stream.messages.includes('2500'))
    assert.deepEqual(stream.messages, numbers(2_001, 2_500), lastEventId)
  }
  const ids = ['', id, `${id}000000`, id.replace(/.*-/, 'x-9')]
  for (const each of ids) await assertIsAsNew(each)
  await bench.finish(run)
  for (const each of ids) await assertIsAsNew(each)
})

test('lines that were missed come, though a newcomer to the same run is answered at once', async () => {
  const run = await bench.openRun()
  await bench.begin(run)
  using first = await (await open(run)).ready()
  await logMany(run, 800)
  const newcomer = { run }
  const returning = { run, since: first.events[0]?.id }
  for (const runs of [
    [newcomer, returning],
    [returning, newcomer],
  ]) {
    using stream = await (await TestStream.ofMany(bench.url, runs, '?logs=1')).ready()
    assert.deepEqual(new Set(stream.names), new Set(['snapshot', 'patch', 'log']))
    assert.deepEqual(new Set(stream.messages), new Set(numbers(1, 800)))
  }
})

test('more lines than one read brings all arrive before a stream ends with its run, or tells that it has ended', async () => {
  const run = await bench.openRun()
  await bench.begin(run)
  using one = await (await open(run, { query: '?logs=1' })).ready()
  using many = await (await TestStream.ofMany(bench.url, [{ run }], '?logs=1')).ready()
  await bench.sql(
    `with logged as materialized (select stepcast.log_line($1, 'load', 'info', n::text) from generate_series(1, 2000) n),
       completed as materialized (select stepcast.complete_step($1, 'load') from (select count(*) from logged) _)
     select stepcast.finish_run($1) from completed`,
    run,
  )
  await one.closed()
  await many.named('end')
  for (const { events, state } of [one, many].map((stream) => ({ events: stream.events, state: stream.state(run) }))) {
    assert.equal(state.logs.length, 2000)
    assert.equal(events.at(-1)?.name, 'end')
    assert.equal(events.filter(({ name }) => name === 'end').length, 1)
  }
})

test('what a read has left of a revision is sent again to who comes back from there', async () => {
  const run = await bench.openRun()
  await bench.begin(run)
  using stream = await (await open(run, { query: '?logs=1' })).ready()
  await bench.sql(
    `select stepcast.report_step($1, 'load', (select 10 from (select count(stepcast.log_line($1, 'load', 'info', n::text)) from generate_series(1, 1500) n) _))`,
    run,
  )
  await stream.until(() => stream.state(run).logs.length === 1500)
  const [first] = stream.events.filter(({ name }) => name === 'log')
  using again = await open(run, { query: '?logs=1', lastEventId: String(first?.id) })
  await again.until(() => again.messages.length > 0)
  await again.until(() => again.messages.at(-1) === '1500')
  assert.equal(new Set([...stream.messages.slice(0, 1000), ...again.messages]).size, 1500)
})

/** Of the `log` events of a stream: whether whoever was cut off after it comes back to a place from before the lines. */
const comesBackTo = ({ events }: TestStream, place: string) =>
  events.flatMap(({ name, id }) => (name === 'log' ? id === place : []))

test('whoever is cut off between two of many reads of one revision comes back to the place before the first', async () => {
  const run = await bench.openRun()
  await bench.begin(run)
  using stream = await (await open(run, { query: '?logs=1' })).ready()
  const place = String(stream.events.at(-1)?.id)
  await logMany(run, 2_500)
  await stream.until(() => stream.messages.length === 2_500)
  assert.deepEqual(comesBackTo(stream, place), [true, true, false])
  using again = await open(run, { query: '?logs=1', lastEventId: place })
  await again.until(() => again.messages.length === 2_500)
  assert.deepEqual(comesBackTo(again, place), [true, true, false])
  await bench.log(run, 'one more')
  for (const each of [stream, again]) {
    await each.until(() => each.messages.includes('one more'))
    assert.equal(comesBackTo(each, place).at(-1), false)
  }
})

test('who returns with more behind it than one read brings misses no line, though others hear of new ones meanwhile', async () => {
  const run = await bench.openRun()
  await bench.begin(run)
  using ahead = await (await open(run, { query: '?logs=1' })).ready()
  const place = String(ahead.events.at(-1)?.id)
  await logMany(run, 3_000)
  await ahead.until(() => ahead.messages.includes('3000'))
  let isOver = false
  const writing = (async () => {
    let line = 3_000
    while (!isOver) await bench.log(run, String(++line))
    return line
  })()
  const returning: TestStream[] = []
  for (let i = 0; i < 10; i++) {
    const stream = await open(run, { query: '?logs=1', lastEventId: place })
    returning.push(stream)
    await stream.until(() => stream.messages.length >= 3_000)
  }
  isOver = true
  const last = await writing
  for (const stream of returning) {
    await stream.until(() => stream.messages.includes(String(last)))
    assert.deepEqual(stream.messages, numbers(1, last))
    stream[Symbol.dispose]()
  }
})

test('of long log lines a MiB comes at a time: all of them to who watches, the latest to a newcomer', async () => {
  const run = await bench.openRun()
  await bench.begin(run)
  using stream = await (await open(run, { query: '?logs=1' })).ready()
  const place = String(stream.events.at(-1)?.id)
  const text = "rpad(n || ' ', 20000, md5(n::text))"
  await bench.sql(`select count(stepcast.log_line($1, 'load', 'info', ${text})) from generate_series(1, 200) n`, run)
  using again = await open(run, { query: '?logs=1', lastEventId: place })
  for (const each of [stream, again]) {
    await each.until(() => each.messages.length === 200)
    assert.deepEqual(comesBackTo(each, place), [true, true, true, false])
  }
  using newcomer = await (await open(run, { query: '?logs=1' })).ready()
  await newcomer.named('log')
  assert.deepEqual(
    newcomer.messages.map((message) => message.split(' ')[0]),
    numbers(148, 200),
  )
  await bench.log(run, 'one more')
  await newcomer.until(() => newcomer.messages.includes('one more'))
  assert.equal(newcomer.messages.length, 54)
})

/** A retry, 1,500 lines of its log and what comes after them, in one transaction. */
const retryWithLines = (run: string, after = '') =>
  bench.sql(
    `do $$ begin
       perform stepcast.retry_run('${run}');
       perform stepcast.begin_step('${run}', 'load');
       perform stepcast.log_line('${run}', 'load', 'info', n::text) from generate_series(1, 1500) n;
       ${after}
     end $$`,
  )

/** Watchers who have had no line of the log: of a run that has none, and of one whose lines they know. */
const WITHOUT_A_LINE: Record<string, (run: string) => Promise<TestStream>> = {
  'from before its first line': (run) => TestStream.ofMany(bench.url, [{ run }], '?logs=1'),
  'again with all lines': async (run) => {
    await logMany(run, 800)
    using before = await (await open(run, { query: '?logs=1' })).ready()
    return TestStream.ofMany(bench.url, [{ run, since: before.events.at(-1)?.id }], '?logs=1')
  },
}

for (const [who, watch] of Object.entries(WITHOUT_A_LINE))
  test(`who watches ${who} gets each line that a retry brings, once`, async () => {
    const run = await bench.openRun()
    await bench.begin(run)
    using stream = await (await watch(run)).ready()
    await bench.fail(run)
    await stream.named('end')
    await retryWithLines(run)
    await stream.until(() => stream.messages.includes('1500'))
    assert.deepEqual(stream.messages, numbers(1, 1_500))
  })

test('a run that has ended again when its retry is read is told of once more, after its last lines', async () => {
  const run = await bench.openRun()
  using stream = await (await TestStream.ofMany(bench.url, [{ run }], '?logs=1')).ready()
  await bench.begin(run)
  await bench.log(run, 'first')
  await bench.fail(run)
  await stream.named('end')
  await retryWithLines(
    run,
    `perform stepcast.complete_step('${run}', 'load');
     perform stepcast.finish_run('${run}');`,
  )
  const ended = await stream.event(({ name, data }) => name === 'end' && data.reason === 'completed')
  assert.equal(stream.events.at(-1), ended)
  assert.equal(stream.messages.length, 1_501)
  assert.equal(stream.names.filter((name) => name === 'end').length, 2)
})
