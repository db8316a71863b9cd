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
  const step = { parent: null, step: 'a', ...numbers, skipped: 0, ...times }
  assert.deepEqual(body, { workflows: [{ workflow: 'copy', ...numbers, ...times, steps: [step] }] })
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
  for (const query of ['?since=yesterday', '?since=2026-02-30', '?until=2026-01-01'])
    assert.equal((await read(query)).status, 422, query)
  assert.equal((await read('?since=yesterday')).body.errors[0].path, 'since')
})

test('who may read the statistics of some workflows gets those, and 403 for another that is named', async () => {
  assert.deepEqual(await counts('', 'eve'), [['copy', 2]])
  assert.equal((await read('?workflow=load', 'eve')).status, 403)
  assert.equal((await ask(`${bench.url}/stats`)).status, 401)
})

test('to delete a run is an action of its own, which may be refused', async () => {
  const run = String(await bench.sql("select id from stepcast.runs where tenant = 'blue' and workflow = 'load'"))
  const erase = (who: string) => ask(`${bench.url}/runs/${run}`, { method: 'DELETE', headers: { authorization: who } })
  assert.equal((await erase('eve')).status, 404)
  assert.equal((await erase('ada')).status, 200)
})
