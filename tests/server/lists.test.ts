import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { ListFilter } from '../../db/contract.ts'
import { ask, type Bench, openBench } from './bench.ts'
import { TestStream } from './stream.ts'

let bench: Bench
before(async () => {
  bench = await openBench()
})
after(() => bench[Symbol.asyncDispose]())

const open = (workflow: string) => bench.sql(`select stepcast.open_run($1, '["load"]')`, workflow) as Promise<string>
const begin = (run: string) => bench.sql("select stepcast.begin_step($1, 'load')", run)
const report = (run: string, progress: number) =>
  bench.sql("select stepcast.report_step($1, 'load', $2)", run, progress)
const fail = (run: string) => bench.sql("select stepcast.fail_step($1, 'load', 'no space')", run)
const remove = (run: string) => bench.sql('delete from stepcast.runs where id = $1', run)
const watch = async (...lists: ListFilter[]) => (await TestStream.ofMany(bench.url, lists)).ready()

/** Resolves once the list shows these runs, in this order. */
function shows(stream: TestStream, filter: ListFilter, runs: string[]): Promise<void> {
  return stream.until(() => JSON.stringify(stream.list(filter).map(({ id }) => id)) === JSON.stringify(runs))
}

async function assertAsListed(stream: TestStream, filter: ListFilter): Promise<void> {
  const query = new URLSearchParams(Object.entries(filter).map(([name, value]) => [name, String(value)]))
  assert.deepEqual(stream.list(filter), (await ask(`${bench.url}/runs?${query}`)).body.runs)
}

/** Resolves once all that was done has come. */
async function becomesAsListed(stream: TestStream, filter: ListFilter): Promise<void> {
  const query = new URLSearchParams(Object.entries(filter).map(([name, value]) => [name, String(value)]))
  const { runs } = (await ask(`${bench.url}/runs?${query}`)).body
  await stream.until(() => isDeepStrictEqual(stream.list(filter), runs))
}

test('a live list begins with what GET /runs lists, the newest first, without steps', async () => {
  const filter = { workflow: 'begins' }
  const runs = [await open('begins'), await open('begins'), await open('begins')]
  await open('other')
  using stream = await watch(filter)
  assert.deepEqual(
    stream.events.map(({ name, data }) => [name, data.run.id, data.steps]),
    runs.reverse().map((run) => ['snapshot', run, null]),
  )
  await assertAsListed(stream, filter)
})

test('a list of nothing is ready at once', async () => {
  using stream = await watch({ workflow: 'nothing' })
  assert.deepEqual(stream.events, [])
})

test('runs appear, change and go', async () => {
  const filter = { workflow: 'lives' }
  using stream = await watch(filter)
  const first = await open('lives')
  await shows(stream, filter, [first])
  const second = await open('lives')
  await shows(stream, filter, [second, first])
  await begin(first)
  await report(first, 40)
  await stream.until(() => stream.list(filter)[1]?.progress === 40)
  await assertAsListed(stream, filter)
  await remove(first)
  await shows(stream, filter, [second])
  assert.deepEqual(stream.events.at(-1)?.data.reason, 'deleted')
})

test('a run enters and leaves with its status', async () => {
  const [running, failed] = [
    { workflow: 'moves', status: 'running' },
    { workflow: 'moves', status: 'failed' },
  ] as const
  using stream = await watch(running)
  using other = await watch(failed)
  const run = await open('moves')
  await begin(run)
  await shows(stream, running, [run])
  await fail(run)
  const { data } = await stream.named('end')
  assert.deepEqual([data.run.id, data.reason], [run, 'left'])
  await shows(other, failed, [run])
  await assertAsListed(other, failed)
  await bench.sql('select stepcast.retry_run($1)', run)
  await shows(other, failed, [])
})

test('only the newest are held: one more pushes the oldest out, one less brings it back', async () => {
  const filter = { workflow: 'full', limit: 2 }
  const runs = [await open('full'), await open('full')]
  using stream = await watch(filter)
  const newest = await open('full')
  await shows(stream, filter, [newest, runs[1] ?? ''])
  await stream.named('end')
  await remove(newest)
  await shows(stream, filter, [...runs].reverse())
})

test('where authorize hides the newest, those below them are held, as far as the newest thousand', async () => {
  await using hiding = await openBench({ authorize: (_, __, { key }) => !key?.startsWith('hidden') })
  const show = (key: string) => hiding.openRun({ key })
  const hide = (count: number) =>
    hiding.sql(
      `select count(*) from generate_series(1, $1) n
       cross join lateral stepcast.open_run('import', '["load"]', format('hidden %s %s', n, gen_random_uuid()))`,
      count,
    )
  const filter = { workflow: 'import', limit: 2 }
  const runs = [await show('a'), await show('b'), await show('c')]
  await hide(9)
  using stream = await (await TestStream.ofMany(hiding.url, [filter])).ready()
  assert.deepEqual(
    stream.list(filter).map(({ id }) => id),
    [runs[2], runs[1]],
  )
  const newest = await show('d')
  await shows(stream, filter, [newest, runs[2] ?? ''])
  await hiding.begin(newest)
  await hiding.sql("select stepcast.report_step($1, 'load', 40)", newest)
  await stream.until(() => stream.list(filter)[0]?.progress === 40)
  await hide(10)
  await hiding.sql('delete from stepcast.runs where id = $1', newest)
  await shows(stream, filter, [runs[2] ?? '', runs[1] ?? ''])
  await hide(979)
  await shows(stream, filter, [runs[2] ?? '', runs[1] ?? ''])
  await hide(1)
  await shows(stream, filter, [runs[2] ?? ''])
  await hide(1)
  await shows(stream, filter, [])
})

test('a run that several lists of a stream hold comes once, and leaves with the last', async () => {
  const [all, running] = [{ workflow: 'shared' }, { workflow: 'shared', status: 'running' }] as const
  using stream = await watch(all, running)
  const run = await open('shared')
  await begin(run)
  await shows(stream, running, [run])
  await fail(run)
  await shows(stream, running, [])
  await shows(stream, all, [run])
  const later = await open('shared')
  await shows(stream, all, [later, run])
  assert.deepEqual(
    stream.events.filter(({ name, data }) => name !== 'patch' && data.run.id === run).map(({ name }) => name),
    ['snapshot'],
  )
})

test('a run may be watched by itself beside a list that holds it', async () => {
  const filter = { workflow: 'both', status: 'running' } as const
  const run = await open('both')
  await begin(run)
  using stream = await (await TestStream.ofMany(bench.url, [{ run }, filter])).ready()
  await report(run, 30)
  await stream.until(() => stream.state(run).steps[0]?.progress === 30 && stream.list(filter)[0]?.progress === 30)
  await fail(run)
  await stream.until(() => stream.state(run).ended === 'failed')
  await shows(stream, filter, [])
  assert.equal(stream.state(run).steps[0]?.status, 'failed')
})

test('filters combine: statuses, a key, and what an id, a key or a workflow begins with', async () => {
  const keyed = (key: string) =>
    bench.sql(`select stepcast.open_run('combines', '["load"]', $1)`, key) as Promise<string>
  const [one, two] = [await keyed('order-1'), await keyed('order-2')]
  const filters: ListFilter[] = [
    { workflow: 'combines', status: ['pending', 'failed'] },
    { workflow: 'combines', key: 'order-1' },
    { status: ['running', 'failed'], q: 'order-' },
    { q: 'combi', status: 'pending' },
    { q: two.toUpperCase() },
  ]
  using stream = await watch(...filters.map((filter) => ({ ...filter, limit: 50 })))
  const three = await keyed('order-3')
  await begin(two)
  await begin(three)
  await fail(three)
  const expected = [[three, one], [one], [three, two], [one], [two]]
  for (const [index, filter] of filters.entries()) {
    await shows(stream, filter, expected[index] ?? [])
    await becomesAsListed(stream, filter)
  }
})

test('a row says where its run is, whoever else watches the run', async () => {
  const filter = { workflow: 'places' }
  const steps = '[{"step": "load", "displayName": "Load rows"}, "check"]'
  const run = (await bench.sql(`select stepcast.open_run('places', $1)`, steps)) as string
  using stream = await watch(filter)
  const current = () => stream.list(filter)[0]?.current
  assert.deepEqual([current()?.displayName, current()?.number, current()?.total], ['Load rows', 1, 2])
  using beside = await (await TestStream.ofMany(bench.url, [{ run }])).ready()
  await begin(run)
  await bench.sql("select stepcast.report_step($1, 'load', 40, '4 of 10')", run)
  await stream.until(() => current()?.message === '4 of 10')
  await beside.until(() => beside.state(run).steps[0]?.message === '4 of 10')
  await bench.sql("select stepcast.complete_step($1, 'load')", run)
  await stream.until(() => current()?.step === 'check')
  await becomesAsListed(stream, filter)
})

test('more than ten lists, or a list of too many, are 422', async () => {
  const answers = [
    Array(11).fill({}),
    [{ limit: 0 }],
    [{ limit: 201 }],
    [{ status: 'done' }],
    [{ status: [] }],
    [{ workflow: '' }],
  ]
  for (const runs of answers) {
    const refused = await TestStream.ofMany(bench.url, runs)
    assert.equal(refused.status, 422, JSON.stringify(runs))
  }
})

test('whatever happens to many runs at once, lists old and new end as GET /runs has it', async () => {
  const filters: ListFilter[] = [
    { workflow: 'storm' },
    { workflow: 'storm', limit: 5 },
    { workflow: 'storm', status: 'running', limit: 5 },
    { workflow: 'storm', status: 'failed' },
  ]
  using early = await watch(...filters)
  const streams = [early]
  const live = async (number: number) => {
    const run = await open('storm')
    if (number % 5 === 4) return
    await begin(run)
    if (number % 3 === 0) await fail(run)
    else await report(run, number)
    if (number % 7 === 0) await remove(run)
  }
  for (let wave = 0; wave < 5; wave++) {
    const working = Array.from({ length: 12 }, (_, index) => live(wave * 12 + index))
    streams.push(await watch(...filters))
    await Promise.all(working)
  }
  for (const filter of filters) {
    const query = new URLSearchParams(Object.entries(filter).map(([name, value]) => [name, String(value)]))
    const { runs } = (await ask(`${bench.url}/runs?${query}`)).body
    assert.ok(runs.length > 1)
    for (const stream of streams) await stream.until(() => JSON.stringify(stream.list(filter)) === JSON.stringify(runs))
  }
  for (const stream of streams) stream.close()
})
