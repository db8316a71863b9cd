import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ask, type Bench, openBench } from './bench.ts'

let bench: Bench
before(async () => {
  bench = await openBench({
    authenticate: (ctx) => (ctx.get('Authorization') ? { id: ctx.get('Authorization'), tenant: 'blue' } : null),
    authorize: ({ id }, action, { workflow }) => id !== 'eve' || (action === 'stats:read' && workflow === 'copy'),
  })
  for (const [tenant, workflow, day] of [
    ['blue', 'copy', 1],
    ['blue', 'copy', 2],
    ['blue', 'load', 3],
    ['red', 'copy', 4],
  ])
    await bench.sql('select stepcast.import_run($1)', JSON.stringify(makeRun(tenant, workflow, `2026-01-0${day}`)))
})
after(() => bench[Symbol.asyncDispose]())

function makeRun(tenant: unknown, workflow: unknown, day: string): object {
  const times = { started_at: `${day}T12:00:00Z`, completed_at: `${day}T12:00:03Z` }
  return { tenant, workflow, status: 'completed', steps: [{ step: 'a', status: 'completed', ...times }] }
}

const read = (query = '', who = 'ada') => ask(`${bench.url}/stats${query}`, { headers: { authorization: who } })
const counts = async (query = '', who = 'ada') => {
  const { body } = await read(query, who)
  return body.workflows.map(({ workflow, runs }: { workflow: string; runs: number }) => [workflow, runs])
}

test("statistics are of the caller's tenant, by workflow, with their steps", async () => {
  assert.deepEqual(await counts(), [
    ['copy', 2],
    ['load', 1],
  ])
  const { body } = await read('?workflow=copy')
  const numbers = { runs: 2, completed: 2, failed: 0, cancelled: 0, successRate: 1, retries: 0 }
  const times = { averageDuration: 3_000, p50Duration: 3_000, p95Duration: 3_000 }
  const step = { parent: null, step: 'a', displayName: 'A', displayNames: null, ...numbers, skipped: 0, ...times }
  assert.deepEqual(body.workflows, [{ workflow: 'copy', ...numbers, ...times, steps: [step] }])
  const { retries: _, ...together } = numbers
  assert.deepEqual(body.total, { ...together, ...times })
  assert.deepEqual(body.durations, [{ atLeast: 3_000, below: 5_000, runs: 2 }])
  assert.deepEqual([body.since, body.workflowsSince, body.trend.zone], [null, null, 'UTC'])
})

test('until ends the window before it; dates are days of the zone, and a trend is cut by them', async () => {
  assert.deepEqual(await counts('?until=2026-01-02T12:00:03Z'), [['copy', 1]])
  const { body } = await read('?workflow=copy&since=2026-01-01&until=2026-01-06&zone=America/New_York')
  assert.deepEqual([body.trend.unit, body.trend.zone, body.trend.points.length], ['day', 'America/New_York', 5])
  assert.equal(Date.parse(body.trend.points[0].at), Date.parse('2026-01-01T05:00:00Z'))
  // which Postgres would read as an abbreviation, without summer time
  const { body: summer } = await read('?workflow=copy&since=2026-01-01&until=2026-07-02&zone=CET')
  assert.deepEqual([summer.until, summer.trend.zone], ['2026-07-01T22:00:00+00:00', 'Europe/Brussels'])
})

test('the histogram of a step is asked for by itself', async () => {
  const durations = async (query: string) => (await read(`/durations${query}`)).body.durations
  assert.deepEqual(await durations('?workflow=copy&step=a'), [{ atLeast: 3_000, below: 5_000, runs: 2 }])
  assert.deepEqual(await durations('?workflow=copy&step=b'), [])
  for (const query of ['', '?workflow=copy&parent=a'])
    assert.equal((await read(`/durations${query}`)).status, 422, query)
})

test('which step the running runs are in is of this moment, and only of what may be seen', async () => {
  const run = await bench.openRun({ steps: ['fetch'], tenant: 'blue' })
  await bench.sql("select stepcast.begin_step($1, 'fetch')", run)
  const { body } = await read('/running')
  assert.deepEqual(
    body.running.map(({ workflow, step, runs }: { [name: string]: unknown }) => [workflow, step, runs]),
    [['import', 'fetch', 1]],
  )
  assert.equal(Date.parse(body.lastEnd), Date.parse('2026-01-03T12:00:03Z'))
  assert.deepEqual((await read('/running', 'eve')).body.running, [])
})

test('since takes a date or a time', async () => {
  assert.deepEqual(await counts('?since=2026-01-02'), [
    ['copy', 1],
    ['load', 1],
  ])
  assert.deepEqual(await counts('?since=2026-01-02T14:00:03%2B02:00&workflow=copy'), [['copy', 1]])
  assert.deepEqual(await counts('?since=2026-01-02T12:00:04Z&workflow=copy'), [])
})

test('a since that is no time, or a parameter that is unknown, is 422', async () => {
  for (const query of ['?since=yesterday', '?since=2026-02-30', '?from=2026-01-01', '?zone=Mars', '?zone=%2B08:00'])
    assert.equal((await read(query)).status, 422, query)
  assert.equal((await read('?since=yesterday')).body.errors[0].path, 'since')
})

test('a window that ends before it begins is 422, which names both, in whatever zone its dates are', async () => {
  for (const path of ['', '/durations?workflow=copy']) {
    const window = (since: string, until: string) => read(`${path}${path ? '&' : '?'}since=${since}&until=${until}`)
    const { status, body } = await window('2026-02-01', '2026-01-01')
    assert.deepEqual([status, body.code], [422, 'SC006'])
    assert.match(body.detail, /until 2026-01-01 .* is before since 2026-02-01/)
    assert.equal((await window('2026-01-02', '2026-01-02')).status, 200)
    assert.equal((await window('2099-01-01', '')).status, 200)
  }
  const mixed = (zone: string) => read(`?since=2026-01-01T03:00:00Z&until=2026-01-01&zone=${zone}`)
  assert.deepEqual([(await mixed('UTC')).status, (await mixed('America/New_York')).status], [422, 200])
})

test('a zone that IANA does not have, or the database does not know, is named as what is wrong', async () => {
  // Node knows all of these. IST is India's to it and Israel's to Postgres; CST has summer time there, and none here.
  for (const zone of ['IST', 'CST', 'bst', 'US/Pacific-New'])
    for (const query of [`?zone=${zone}`, `?since=2026-01-01&zone=${zone}`]) {
      const { status, body } = await read(query)
      assert.deepEqual([status, body.errors?.[0]?.path], [422, 'zone'], query)
    }
})

test('who may read the statistics of some workflows gets those, and 403 for another that is named', async () => {
  assert.deepEqual(await counts('', 'eve'), [['copy', 2]])
  assert.equal((await read('?workflow=load', 'eve')).status, 403)
  const total = async (who: string) => (await read('', who)).body.total.runs
  assert.deepEqual([await total('ada'), await total('eve')], [3, 2])
  for (const path of ['/running?workflow=load', '/durations?workflow=load'])
    assert.equal((await read(path, 'eve')).status, 403, path)
  assert.equal((await ask(`${bench.url}/stats`)).status, 401)
})

test('to delete a run is an action of its own, which may be refused', async () => {
  const run = String(await bench.sql("select id from stepcast.runs where tenant = 'blue' and workflow = 'load'"))
  const erase = (who: string) => ask(`${bench.url}/runs/${run}`, { method: 'DELETE', headers: { authorization: who } })
  assert.equal((await erase('eve')).status, 404)
  assert.equal((await erase('ada')).status, 200)
})
