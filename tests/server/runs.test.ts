import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { ask, type Bench, openBench, post, registerWorkflow } from './bench.ts'

let bench: Bench
before(async () => {
  bench = await openBench()
  await registerWorkflow(bench)
})
after(() => bench[Symbol.asyncDispose]())

const greet = (more: object = {}) => post(`${bench.url}/runs`, { workflow: 'greet', input: { name: 'Ada' }, ...more })

test('a started run is answered with 201, its address and all of it', async () => {
  const { status, headers, body } = await greet({ metadata: { from: 'test' }, priority: -3 })
  assert.equal(status, 201)
  assert.equal(headers.get('location'), `runs/${body.run.id}`)
  assert.deepEqual(body.run.input, { name: 'Ada' })
  assert.deepEqual(body.run.metadata, { from: 'test' })
  assert.equal(body.run.priority, -3)
  assert.equal(body.run.createdBy, 'web')
  assert.equal(body.steps[0].step, 'greet')
  assert.deepEqual((await ask(`${bench.url}/runs/${body.run.id}`)).body.run, body.run)
})

test('a known key answers its run with 200, and with 409 for another input', async () => {
  const first = await greet({ key: 'k1' })
  const second = await greet({ key: 'k1' })
  assert.deepEqual([first.status, second.status], [201, 200])
  assert.equal(second.body.run.id, first.body.run.id)
  const other = await greet({ key: 'k1', input: { name: 'Bob' } })
  assert.equal(other.status, 409)
  assert.equal(other.body.code, 'SC007')
  assert.match(other.body.detail, /, or "again": true once that run is finished\.$/)
})

test('a run can be planned for later', async () => {
  const { body } = await greet({ runAt: '2099-01-01T00:00:00Z' })
  assert.equal(new Date(body.run.runAt).toISOString(), '2099-01-01T00:00:00.000Z')
})

test('a time that Postgres cannot keep is a wrong field', async () => {
  const told: [runAt: string, message: string][] = [
    ['0000-01-01T00:00:00Z', 'must be of year 1 or later'],
    ['2099-01-01T00:00:00+16:00', 'must be less than 16 hours from UTC'],
    ['tomorrow', 'Invalid ISO datetime'],
  ]
  for (const [runAt, message] of told) {
    const { status, body } = await greet({ runAt })
    assert.deepEqual([status, body.errors], [422, [{ path: 'runAt', message }]], runAt)
  }
  assert.equal((await greet({ runAt: '2099-01-01T00:00:00+15:59' })).status, 201)
  for (const since of ['0000-01-01', '0000-01-01T00:00:00Z', '2020-01-01T00:00:00-23:00']) {
    const { status, body } = await ask(`${bench.url}/stats?since=${encodeURIComponent(since)}`)
    assert.deepEqual([status, body.errors?.[0]?.path], [422, 'since'], since)
  }
})

test('an input that does not fit is refused with the fields that are wrong', async () => {
  const { status, headers, body } = await greet({ input: { name: '', count: 1.5, extra: 1 } })
  assert.equal(status, 422)
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/)
  assert.deepEqual(body.errors.map((error: { path: string }) => error.path).sort(), [
    'input',
    'input.count',
    'input.name',
  ])
})

test('an unknown workflow is a wrong field, and the known ones are named', async () => {
  const { status, body } = await greet({ workflow: 'great' })
  assert.equal(status, 422)
  assert.equal(body.errors[0].path, 'workflow')
  assert.match(body.errors[0].message, /“great”.*greet/)
})

test('the list is paged from the newest and filtered by the server', async () => {
  const ids: string[] = []
  for (const key of ['a1', 'a2', 'a3']) ids.unshift((await greet({ key, input: { name: 'list' } })).body.run.id)
  const first = (await ask(`${bench.url}/runs?limit=2&q=a`)).body
  const second = (await ask(`${bench.url}/runs?limit=2&q=a&after=${first.next}`)).body
  assert.deepEqual(
    [...first.runs, ...second.runs].map((run: { id: string }) => run.id),
    ids,
  )
  assert.equal(second.next, null)
  const byKey = (await ask(`${bench.url}/runs?workflow=greet&key=a2&status=pending&q=`)).body
  assert.deepEqual([byKey.runs.length, byKey.runs[0].key], [1, 'a2'])
  assert.equal((await ask(`${bench.url}/runs?status=failed`)).body.runs.length, 0)
})

test('a page of runs with large metadata ends where it holds 2 MiB, and the next goes on there', async () => {
  await bench.sql(
    `select stepcast.open_run('large', '[]', metadata => jsonb_build_object('a', repeat('x', 200000))) from generate_series(1, 25)`,
  )
  const seen: number[] = []
  let next: string | null = ''
  while (next !== null) {
    const { body } = await ask(`${bench.url}/runs?workflow=large&limit=200${next && `&after=${next}`}`)
    seen.push(body.runs.length)
    next = body.next
  }
  assert.deepEqual(seen, [11, 11, 3])
})

test('cancelling answers the cancelled run; what is finished is refused with its state', async () => {
  const { body } = await greet()
  const cancelled = await post(`${bench.url}/runs/${body.run.id}/cancel`, { reason: 'changed my mind' })
  assert.equal(cancelled.status, 200)
  assert.equal(cancelled.body.run.status, 'cancelled')
  const again = await post(`${bench.url}/runs/${body.run.id}/cancel`)
  assert.equal(again.status, 409)
  assert.deepEqual([again.body.code, again.body.run.status], ['SC004', 'cancelled'])
})

test('a retry sets a failed run back; an unknown step is a wrong field', async () => {
  const run = await bench.openRun()
  await bench.sql("select stepcast.begin_step($1, 'load')", run)
  await bench.sql("select stepcast.fail_step($1, 'load', 'no space')", run)
  const wrong = await post(`${bench.url}/runs/${run}/retry`, { from: 'lode' })
  assert.deepEqual([wrong.status, wrong.body.errors[0].path], [422, 'from'])
  const { status, body } = await post(`${bench.url}/runs/${run}/retry`, {})
  assert.equal(status, 200)
  assert.notEqual(body.run.status, 'failed')
  assert.equal((await post(`${bench.url}/runs/${run}/retry`)).status, 409)
})

test('the newest run under a key has everything that a run has', async () => {
  const run = await bench.openRun({ key: 'site 7/α' })
  const base = `${bench.url}/workflows/import/keys/${encodeURIComponent('site 7/α')}`
  assert.equal((await ask(base)).body.run.id, run)
  assert.equal((await ask(`${base}/journal`)).body.entries[0].entry, 1)
  assert.equal((await ask(`${base}/logs`)).status, 200)
  assert.equal((await post(`${base}/cancel`)).body.run.status, 'cancelled')
  assert.equal((await post(`${base}/retry`)).status, 200)
  assert.equal((await ask(`${bench.url}/workflows/import/keys/none`)).status, 404)
})

test('workflows are listed with their input schema', async () => {
  const { workflows } = (await ask(`${bench.url}/workflows`)).body
  assert.equal(workflows[0].name, 'greet')
  assert.deepEqual(workflows[0].inputSchema.required, ['name'])
})

test('a run that somebody holds answers 503, unchanged, and keeps no other request waiting', async () => {
  const run = await bench.openRun()
  const holder = new pg.Client(bench.databaseUrl)
  await holder.connect()
  await holder.query('begin')
  await holder.query('select from stepcast.runs where id = $1 for update', [run])
  const attempts = Array.from({ length: 12 }, () => post(`${bench.url}/runs/${run}/cancel`))
  assert.equal((await ask(`${bench.url}/runs`)).status, 200)
  for (const { status, body } of await Promise.all(attempts)) {
    assert.equal(status, 503)
    assert.match(body.detail, /holds this run/)
  }
  await holder.query('rollback')
  await holder.end()
  assert.equal((await post(`${bench.url}/runs/${run}/cancel`)).status, 200)
})

test('a start under a key that somebody’s transaction has is 503 within a second or so, and keeps no connection', async () => {
  const holder = new pg.Client(bench.databaseUrl)
  await holder.connect()
  await holder.query("begin; select stepcast.lock_key('default', 'greet', 'held')")
  const answers = await Promise.all(Array.from({ length: 12 }, () => greet({ key: 'held' })))
  for (const { status, headers } of answers) assert.deepEqual([status, headers.get('retry-after')], [503, '2'])
  await holder.end()
  assert.equal((await greet({ key: 'held' })).status, 201)
})
