import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { ask, type Bench, openBench, post, registerWorkflow } from './bench.ts'
import { type OfRun, TestStream } from './stream.ts'

let bench: Bench
before(async () => {
  bench = await openBench()
})
after(() => bench[Symbol.asyncDispose]())

const report = (run: string, progress: number) =>
  bench.sql("select stepcast.report_step($1, 'load', $2)", run, progress)
const open = (run: string, options: OfRun = {}) => TestStream.ofRun(bench.url, run, options)

/** What a client shows is what the row says. */
async function assertEqualToTheRow(stream: TestStream, run: string): Promise<void> {
  const { run: row, steps } = (await ask(`${bench.url}/runs/${run}`)).body
  const { input: _, output: __, ...public_ } = row
  const state = stream.state(run)
  assert.deepEqual(state.run, public_)
  assert.deepEqual(
    [...state.steps].sort((a, b) => a.id - b.id),
    steps,
  )
}

test('a stream is a snapshot, patches and an end, and nothing may buffer it', async () => {
  const run = await bench.openRun()
  using stream = await (await open(run)).ready()
  assert.equal(stream.status, 200)
  assert.match(stream.headers.get('content-type') ?? '', /^text\/event-stream/)
  assert.equal(stream.headers.get('cache-control'), 'no-store, no-transform')
  assert.equal(stream.headers.get('x-accel-buffering'), 'no')
  assert.equal(stream.retries.length, 1)
  await bench.begin(run)
  await stream.named('patch')
  await bench.finish(run)
  const end = await stream.named('end')
  assert.deepEqual(end.data, {
    run: { id: run, revision: end.data.run.revision, status: 'completed' },
    reason: 'completed',
  })
  await stream.closed()
  assert.deepEqual([stream.names[0], stream.names.at(-1)], ['snapshot', 'end'])
  await assertEqualToTheRow(stream, run)
})

test('revisions only rise, and every id is the epoch and the revision', async () => {
  const run = await bench.openRun()
  using stream = await (await open(run)).ready()
  await bench.begin(run)
  for (let progress = 1; progress <= 50; progress++) await report(run, progress)
  await bench.finish(run)
  await stream.closed()
  const revisions = stream.events.map(({ data }) => data.run.revision)
  assert.deepEqual(
    revisions,
    [...revisions].sort((a, b) => a - b),
  )
  for (const { id, data } of stream.events) assert.match(id ?? '', new RegExp(`^[^-]+-${data.run.revision}$`))
})

test('two watchers, one of them late, end equal to the row', async () => {
  const run = await bench.openRun()
  using early = await (await open(run)).ready()
  await bench.begin(run)
  const reporting = Array.from({ length: 40 }, (_, index) => report(run, index))
  using late = await open(run, { query: '?logs=1' })
  await Promise.all(reporting)
  await bench.finish(run)
  await Promise.all([early.closed(), late.closed()])
  await assertEqualToTheRow(early, run)
  await assertEqualToTheRow(late, run)
})

test('a transaction that rolls back shows nothing', async () => {
  const run = await bench.openRun()
  using stream = await (await open(run)).ready()
  await bench.begin(run)
  await stream.named('patch')
  const rolledBack = `do $$ begin
    perform stepcast.report_step('${run}', 'load', 90, 'never seen');
    raise exception 'no';
  exception when others then if sqlerrm <> 'no' then raise; end if;
  end $$`
  await bench.sql(rolledBack)
  await report(run, 10)
  await stream.event(({ data }) => data.steps?.[0]?.progress === 10)
  assert.ok(!JSON.stringify(stream.events).includes('never seen'))
})

test('who comes back gets what it missed, and no snapshot', async () => {
  const run = await bench.openRun()
  using first = await (await open(run)).ready()
  await bench.begin(run)
  const { id = '' } = await first.named('patch')
  await report(run, 30)
  using second = await (await open(run, { lastEventId: id })).ready()
  assert.deepEqual(second.names, ['patch'])
  assert.equal(second.events[0]?.data.steps[0].progress, 30)
  using third = await (await open(run, { lastEventId: second.events[0]?.id ?? '' })).ready()
  assert.deepEqual(third.names, [])
})

test('who comes back with an id that says nothing here gets a snapshot', async () => {
  const run = await bench.openRun()
  using first = await (await open(run)).ready()
  const epoch = first.events[0]?.id?.split('-')[0]
  for (const lastEventId of [
    'x',
    '-',
    `${epoch}-`,
    `${epoch}-99999`,
    'otherepoch-1',
    `${epoch}-0`,
    `${epoch}-1e3`,
    '1-'.repeat(200),
  ]) {
    using stream = await (await open(run, { lastEventId })).ready()
    assert.deepEqual(stream.names, ['snapshot'], lastEventId)
  }
})

test('so does who comes back to many, or with an id of an epoch that is over', async () => {
  const run = await bench.openRun()
  using first = await (await open(run)).ready()
  const { id = '' } = first.events[0] ?? {}
  const epoch = id.split('-')[0]
  for (const since of ['x', '', `${epoch}-99999`, `${epoch}-0`, '-1', 'otherepoch-1', null]) {
    using stream = await (await TestStream.ofMany(bench.url, [{ run, since }])).ready()
    assert.deepEqual(stream.names, ['snapshot'], String(since))
  }
  await bench.sql('truncate stepcast.epoch')
  using one = await (await open(run, { lastEventId: id })).ready()
  using many = await (await TestStream.ofMany(bench.url, [{ run, since: id }])).ready()
  for (const stream of [one, many]) {
    assert.deepEqual(stream.names, ['snapshot'])
    assert.notEqual(stream.events[0]?.id, id)
  }
})

test('who comes back to a finished run gets its snapshot and the end', async () => {
  const run = await bench.openRun()
  using first = await (await open(run)).ready()
  await bench.begin(run)
  await bench.finish(run)
  const { id = '' } = await first.named('end')
  for (const lastEventId of [id, '', first.events[0]?.id ?? '']) {
    using stream = await (await open(run, { lastEventId })).closed()
    assert.deepEqual(stream.names, ['snapshot', 'end'])
    assert.deepEqual(stream.comments, ['ready'])
  }
})

test('log lines come to those who asked for them, the earlier ones first', async () => {
  const run = await bench.openRun()
  await bench.begin(run)
  for (let n = 1; n <= 3; n++) await bench.log(run, `early ${n}`)
  using without = await (await open(run)).ready()
  using with_ = await (await open(run, { query: '?logs=1' })).ready()
  await bench.log(run, 'late')
  await with_.until(() => with_.messages.includes('late'))
  await bench.finish(run)
  await Promise.all([without.closed(), with_.closed()])
  assert.deepEqual(with_.messages, ['early 1', 'early 2', 'early 3', 'late'])
  assert.deepEqual(without.messages, [])
  await assertEqualToTheRow(with_, run)
  await assertEqualToTheRow(without, run)
})

test('lines that were missed come after a reconnect, and no earlier ones', async () => {
  const run = await bench.openRun()
  await bench.begin(run)
  await bench.log(run, 'one')
  using first = await (await open(run, { query: '?logs=1' })).ready()
  const id = first.events.at(-1)?.id ?? ''
  await bench.log(run, 'two')
  using second = await (await open(run, { query: '?logs=1', lastEventId: id })).ready()
  assert.deepEqual([second.names[0], second.messages], ['patch', ['two']])
  await bench.log(run, 'three')
  await second.until(() => second.messages.includes('three'))
  assert.deepEqual(second.messages, ['two', 'three'])
})

test('many runs share a connection, which stays open when they end', async () => {
  const [a, b] = [await bench.openRun(), await bench.openRun()]
  using stream = await (await TestStream.ofMany(bench.url, [{ run: a }, { run: b, since: 'x' }])).ready()
  assert.deepEqual(stream.events.map(({ data }) => data.run.id).sort(), [a, b].sort())
  await bench.begin(a)
  await bench.finish(a)
  await stream.event(({ name, data }) => name === 'end' && data.run.id === a)
  await bench.begin(b)
  await stream.event(({ name, data }) => name === 'patch' && data.run.id === b)
  await assertEqualToTheRow(stream, a)
  await assertEqualToTheRow(stream, b)
})

test('a run that cannot be is not found, and a key that no run can have is silent: the rest of the page goes on', async () => {
  const run = await bench.openRun()
  const long = 'x'.repeat(5_000)
  const runs = [{ run }, { run: long }, { workflow: 'import', key: long }, { q: long }]
  using stream = await (await TestStream.ofMany(bench.url, runs)).ready()
  assert.deepEqual(stream.names.toSorted(), ['end', 'snapshot'])
  assert.deepEqual((await stream.named('end')).data.run.id, long)
  for (const odd of ['Setting up the 🚀'.slice(0, 16), 'a\0b']) {
    const wanted = [{ run }, { run: odd }, { workflow: odd, key: 'k' }, { workflow: 'import', key: odd }, { q: odd }]
    using others = await (
      await TestStream.ofMany(bench.url, [...wanted, { key: odd, workflow: odd, limit: 1 }])
    ).ready()
    assert.deepEqual(others.names.toSorted(), ['end', 'snapshot'])
    assert.deepEqual((await others.named('end')).data.run.id, odd)
    const since = `${odd}-1`
    using back = await (await TestStream.ofMany(bench.url, [{ run, since }])).ready()
    assert.deepEqual(back.names, ['snapshot'])
  }
})

test('what no run can have gets to no question to the database', async () => {
  const [workflow, key, longer] = ['w'.repeat(201), '🚀'.repeat(256), 'k'.repeat(900_000)]
  const runs = [
    { workflow, key: 'k' },
    { workflow: 'import', key },
    ...[{ workflow }, { key }, { q: key }, { q: longer }],
    ...[{ workflow: 'import', key: '🚀'.repeat(255) }, { workflow: 'w'.repeat(200) }],
  ]
  const asked: string[] = []
  const { query } = pg.Client.prototype
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    asked.push(JSON.stringify(Object(args[0]).values ?? args[1]))
    return Reflect.apply(query, this, args)
  } as typeof query
  try {
    using many = await (await TestStream.ofMany(bench.url, runs)).ready()
    using one = await (await TestStream.open(`${bench.url}/workflows/import/keys/${'k'.repeat(256)}/events`)).ready()
    assert.deepEqual([...many.events, ...one.events], [])
  } finally {
    pg.Client.prototype.query = query
  }
  const texts = asked.flatMap((values) => values?.match(/(?<=")(w+|(🚀)+|k+)(?=")/gu) ?? [])
  assert.deepEqual(new Set(texts), new Set(['🚀'.repeat(255), 'w'.repeat(200)]))
})

test('a few runs can be asked for by GET, with their log lines', async () => {
  const [a, b] = [await bench.openRun(), await bench.openRun()]
  await bench.begin(a)
  await bench.log(a, 'hello')
  using stream = await (await TestStream.open(`${bench.url}/events?run=${a}&run=${b}&run=x&logs=1`)).ready()
  assert.deepEqual(stream.names.sort(), ['end', 'log', 'snapshot', 'snapshot'])
  assert.deepEqual([stream.messages, (await stream.named('end')).data.reason], [['hello'], 'not-found'])
  await bench.begin(b)
  await bench.finish(b)
  await stream.event(({ name, data }) => name === 'end' && data.run.id === b)
  await assertEqualToTheRow(stream, b)
  assert.equal(stream.ended, false)
  using one = await (await TestStream.open(`${bench.url}/events?run=${a}`)).ready()
  assert.deepEqual([one.names, one.messages], [['snapshot'], []])
})

test('each of many runs goes on from where it was', async () => {
  const run = await bench.openRun()
  using first = await (await TestStream.ofMany(bench.url, [{ run }])).ready()
  await bench.begin(run)
  using second = await (await TestStream.ofMany(bench.url, [{ run, since: first.events[0]?.id }])).ready()
  assert.deepEqual(second.names, ['patch'])
})

test('a stream of nothing is ready at once', async () => {
  using stream = await (await TestStream.ofMany(bench.url, [])).ready()
  assert.deepEqual(stream.events, [])
})

test('a retry brings the run back with a fresh snapshot', async () => {
  const run = await bench.openRun()
  using stream = await (await TestStream.ofMany(bench.url, [{ run }])).ready()
  await bench.begin(run)
  await report(run, 60)
  await bench.fail(run)
  assert.equal((await stream.named('end')).data.reason, 'failed')
  const before = stream.events.length
  await ask(`${bench.url}/runs/${run}/retry`, { method: 'POST' })
  await stream.until(() => stream.events.length > before)
  assert.equal(stream.events[before]?.name, 'snapshot')
  await bench.begin(run)
  await bench.finish(run)
  await stream.event(({ name, data }) => name === 'end' && data.reason === 'completed')
  await assertEqualToTheRow(stream, run)
})

test('a key is followed from before its first run to its newest', async () => {
  await registerWorkflow(bench)
  using stream = await TestStream.open(`${bench.url}/workflows/greet/keys/42/events`)
  using other = await TestStream.ofMany(bench.url, [{ workflow: 'greet', key: '42' }])
  await Promise.all([stream.ready(), other.ready()])
  assert.deepEqual([...stream.events, ...other.events], [])
  const runs = []
  for (const number of [1, 2]) {
    const start = { workflow: 'greet', input: { name: 'Ada' }, key: '42', again: number > 1 }
    const run = (await post(`${bench.url}/runs`, start)).body.run.id
    runs.push(run)
    for (const each of [stream, other]) await each.event(({ name, data }) => name === 'snapshot' && data.run.id === run)
    await post(`${bench.url}/workflows/greet/keys/42/cancel`)
    for (const each of [stream, other]) await each.event(({ name, data }) => name === 'end' && data.run.id === run)
    await assertEqualToTheRow(stream, run)
  }
  assert.equal(new Set(runs).size, 2)
})

test('a deleted run ends for its watchers', async () => {
  const run = await bench.openRun()
  using many = await (await TestStream.ofMany(bench.url, [{ run }])).ready()
  using one = await (await open(run)).ready()
  await bench.sql('delete from stepcast.runs where id = $1', run)
  for (const stream of [many, one]) assert.equal((await stream.named('end')).data.reason, 'deleted')
  await one.closed()
  assert.equal(many.ended, false)
})

test('a watcher that goes away leaves the others undisturbed', async () => {
  const run = await bench.openRun()
  using stays = await (await open(run)).ready()
  const leaves = await (await open(run)).ready()
  leaves.close()
  await bench.begin(run)
  await stays.named('patch')
})

test('a place that is ahead of the run gets a snapshot, whoever asks for the same run with it', async () => {
  const run = await bench.openRun()
  await bench.sql("select stepcast.begin_step($1, 'load')", run)
  using first = await (await TestStream.ofMany(bench.url, [{ run }])).ready()
  const id = first.events[0]?.id ?? ''
  const behind = id.replace(/\d+$/, '1')
  using both = await (
    await TestStream.ofMany(bench.url, [
      { run, since: behind },
      { run, since: `${id}000` },
    ])
  ).ready()
  assert.deepEqual(
    both.events.map(({ name }) => name),
    ['patch', 'snapshot'],
  )
})
