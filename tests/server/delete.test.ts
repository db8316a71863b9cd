import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ask, type Bench, openBench, post } from './bench.ts'
import { TestStream } from './stream.ts'

let bench: Bench
before(async () => {
  bench = await openBench()
})
after(() => bench[Symbol.asyncDispose]())

const erase = (path: string) => ask(`${bench.url}${path}`, { method: 'DELETE' })
const cancelled = async (key: string | null = null) => {
  const run = await bench.openRun({ key })
  await bench.sql('select stepcast.cancel_run($1)', run)
  return run
}
const tombstone = (run: string) =>
  bench.sql(`select actor || ': ' || reason from stepcast.journal where run_id = $1 and action = 'delete'`, run)

test('deleting answers with what the run was; then there is none, and the journal says who and why', async () => {
  const run = await cancelled()
  const { status, body } = await erase(`/runs/${run}?reason=a%20test`)
  assert.equal(status, 200)
  assert.deepEqual([body.run.id, body.run.status, body.steps.length], [run, 'cancelled', 1])
  assert.equal((await ask(`${bench.url}/runs/${run}`)).status, 404)
  assert.equal((await erase(`/runs/${run}`)).status, 404)
  assert.equal(await tombstone(run), 'web: a test')
})

test('an unfinished run is refused with its state and what to do', async () => {
  const run = await bench.openRun()
  const { status, headers, body } = await erase(`/runs/${run}`)
  assert.equal(status, 409)
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/)
  assert.deepEqual([body.code, body.run.status], ['SC004', 'pending'])
  assert.match(body.detail, /Cancel it first/)
})

test('a run that another table refers to is refused, and stays', async () => {
  const run = await cancelled()
  await bench.sql('create table projects (run uuid references stepcast.runs)')
  await bench.sql('insert into projects values ($1)', run)
  const { status, body } = await erase(`/runs/${run}`)
  assert.deepEqual([status, body.run.status], [409, 'cancelled'])
  assert.match(body.detail, /public\.projects/)
  await bench.sql('drop table projects')
  assert.equal((await erase(`/runs/${run}`)).status, 200)
})

test('below a key its newest run is deleted, and the one before is the newest then', async () => {
  const [first, second] = [await cancelled('site'), await bench.openRun({ key: 'site', steps: ['load'] })]
  assert.equal(first, second)
  const newer = await cancelled('newer')
  await bench.sql("update stepcast.runs set revision = revision + 1, key = 'site' where id = $1", newer)
  const base = '/workflows/import/keys/site'
  assert.equal((await erase(base)).body.run.id, newer)
  assert.equal((await ask(`${bench.url}${base}`)).body.run.id, first)
  assert.equal((await erase(base)).status, 200)
  assert.equal((await erase(base)).status, 404)
})

test('whoever watches a run that is deleted gets its end, with the reason', async () => {
  const run = await cancelled('watched')
  using byId = await (await TestStream.ofMany(bench.url, [{ run }])).ready()
  using byKey = await (await TestStream.ofMany(bench.url, [{ workflow: 'import', key: 'watched' }])).ready()
  assert.equal((await erase(`/runs/${run}`)).status, 200)
  for (const stream of [byId, byKey]) {
    const end = await stream.event(({ data }) => data.reason === 'deleted')
    assert.deepEqual([end.name, end.data.run.id], ['end', run])
  }
  using late = await (await TestStream.ofMany(bench.url, [{ run }])).ready()
  assert.equal(late.events[0]?.data.reason, 'not-found')
})

test('a parameter that is unknown, or a reason that is too long, is 422 and deletes nothing', async () => {
  const run = await cancelled()
  assert.equal((await erase(`/runs/${run}?why=x`)).status, 422)
  assert.equal((await erase(`/runs/${run}?reason=${'x'.repeat(10_001)}`)).status, 422)
  assert.equal((await post(`${bench.url}/runs/${run}/delete`)).status, 404)
  assert.equal((await ask(`${bench.url}/runs/${run}`)).status, 200)
})
