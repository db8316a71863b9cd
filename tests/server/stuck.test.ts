import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Principal } from '../../server/access/principal.ts'
import { ask, type Bench, openBench } from './bench.ts'

const asked: Principal = { id: 'ann', tenant: 'default' }
let bench: Bench
before(async () => {
  bench = await openBench({
    authenticate: (ctx) => ({ ...asked, ...JSON.parse(ctx.get('as') || '{}') }),
    authorize: (_, __, { key }) => !key?.startsWith('secret'),
  })
})
after(() => bench[Symbol.asyncDispose]())

const open = (key: string, tenant = 'default') =>
  bench.sql(`select stepcast.open_run('import', '["load"]', $1, $2, interval '1 microsecond')`, key, tenant)
const stuck = (principal: Partial<Principal> = {}) =>
  ask(`${bench.url}/stuck`, { headers: { as: JSON.stringify(principal) } })

test('runs that do not get on are told with the reason, the longest first, and only those that one may see', async () => {
  assert.deepEqual((await stuck()).body, { runs: [] })
  const [first, second] = [await open('first'), await open('second')]
  await open('secret')
  const foreign = await open('foreign', 'other')
  const { body } = await stuck()
  assert.deepEqual(
    body.runs.map(({ id, reason, why, status }: Record<string, string>) => [id, reason, why, status]),
    [first, second].map((run) => [run, 'silent', 'nothing was heard of it for 00:00:00.000001', 'pending']),
  )
  assert.ok(Date.parse(body.runs[0].since) <= Date.parse(body.runs[1].since))
  assert.deepEqual((await stuck({ tenant: 'other' })).body.runs[0].id, foreign)
})

test('runs that one may not see take no place of those that one may', async () => {
  await bench.sql(
    `select count(stepcast.open_run('import', '["load"]', 'secret ' || n, 'many', interval '1 microsecond'))
     from generate_series(1, 205) n`,
  )
  const shown = await open('shown', 'many')
  const { body } = await stuck({ tenant: 'many' })
  assert.deepEqual(
    body.runs.map(({ id }: { id: string }) => id),
    [shown],
  )
})

test('who may not read runs is refused', async () => {
  assert.equal((await stuck({ actions: ['stats:read'] })).status, 403)
})
