import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startServer } from '../../server/start.ts'
import { ask, post } from '../server/bench.ts'
import { useDatabase } from '../support/fixture.ts'
import { size } from '../support/size.ts'
import { Fleet } from '../worker/fleet.ts'
import { LEDGER } from '../worker/ledger.ts'
import { startBalancer } from './balancer.ts'
import { watch } from './watched.ts'

const WORKFLOWS = ['linear', 'branching']
const RUNS_A_SERVER = size(1, 20)

const db = await useDatabase()
await db.rows(LEDGER)

test('three servers and three workers are one: a worker is killed and a server ends in the midst, and every watcher is right', async () => {
  const servers = await Promise.all([0, 1, 2].map(() => startServer({ databaseUrl: db.url, port: 0 })))
  after(() => Promise.all(servers.map((server) => server.stop())))
  await using balancer = await startBalancer(servers.map(({ port }) => port))
  const fleet = new Fleet(db.url)
  after(() => fleet.end())
  await fleet.grow(3)
  await using watching = new AsyncDisposableStack()
  const started = servers.flatMap(({ url }, turn) =>
    Array.from({ length: RUNS_A_SERVER }, async (_, index) => {
      const { status, body } = await post(`${url}/runs`, { workflow: WORKFLOWS[(index + turn) % WORKFLOWS.length] })
      assert.equal(status, 201, body.detail)
      return body.run.id as string
    }),
  )
  const runs = await Promise.all(started)
  // Each run on every server that stays, and by one address that any of them may answer.
  const places = [balancer.url, ...servers.slice(1).map(({ url }) => url)]
  const watchers = runs.flatMap((run) => places.map((place) => ({ run, watched: watching.use(watch(place, run)) })))
  await Promise.all(watchers.map(({ watched }) => watched.until(({ run }) => run !== null)))
  fleet.killOne()
  await servers[0]?.stop()
  for (const { run, watched } of watchers) {
    const { run: shown } = await watched.until(({ ended }) => ended !== null)
    const { input: _, output: __, ...row } = (await ask(`${servers[1]?.url}/runs/${run}`)).body.run
    assert.equal(row.status, 'completed', row.error)
    assert.deepEqual(shown, row)
  }
  const twice = await db.rows('select run, effect from ledger group by run, effect having count(*) > 1')
  assert.deepEqual(twice, [])
})
