import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { checkReplica } from '../../cli/doctor/others.ts'
import { openPool } from '../../cli/pool.ts'
import { readSettings } from '../../cli/settings.ts'
import { problemOf } from '../../server/failures.ts'
import { startServer } from '../../server/start.ts'
import { ask } from '../server/bench.ts'
import { execute } from '../support/database.ts'
import { type Pair, startPair } from '../support/standby.ts'
import { pollForRow } from '../support/wait.ts'

/** The error of a query on the standby that stands in the way of what comes from the primary. */
async function conflictOn({ primary, standby }: Pair): Promise<unknown> {
  await execute(standby.url, "alter system set max_standby_streaming_delay = '0'")
  await execute(standby.url, 'select pg_reload_conf()')
  const reader = new pg.Client(standby.url)
  reader.on('error', () => {})
  await reader.connect()
  await reader.query('begin isolation level repeatable read')
  const reading = reader.query('select count(*), pg_sleep(20) from stepcast.runs').catch((error) => error)
  await pollForRow(standby.url, "select from pg_stat_activity where wait_event = 'PgSleep'")
  await execute(primary.url, 'update stepcast.runs set priority = priority + 1, revision = revision + 1')
  await execute(primary.url, 'vacuum stepcast.runs')
  return reading.finally(() => reader.end())
}

test('lists and statistics come from the replica; what must be true now, from the primary', {
  timeout: 60_000,
}, async () => {
  await using pair = await startPair()
  const { primary, standby } = pair
  await execute(primary.url, `select stepcast.open_run('import', '["load"]')`)
  await pollForRow(standby.url, 'select from stepcast.runs')

  await using misled = await startServer({ databaseUrl: standby.url, port: 0 })
  assert.equal((await ask(`${misled.url}/readyz`)).status, 503, 'who watches there would see nothing')

  await using server = await startServer({ databaseUrl: primary.url, readUrl: standby.url, port: 0 })
  const list = async () => (await ask(`${server.url}/runs`)).body.runs as { id: string }[]
  const [run] = await list()
  assert.equal((await ask(`${server.url}/runs/${run?.id}`)).status, 200)
  const refusal = JSON.stringify(problemOf(await conflictOn(pair)))
  assert.match(refusal, /"status":503,.*The database cancelled this/)

  await primary.stop()
  assert.deepEqual(
    (await list()).map(({ id }) => id),
    [run?.id],
  )
  assert.equal((await ask(`${server.url}/stats`)).status, 200)
  assert.equal((await ask(`${server.url}/runs/${run?.id}`)).status, 503)
})

test('a replica that was promoted, which shows nothing new any more, is told from the primary itself', {
  timeout: 60_000,
}, async () => {
  await using pair = await startPair()
  const { primary, standby } = pair
  await using db = openPool(primary.url)
  const look = async (url: string) => {
    const settings = { ...readSettings({}), STEPCAST_READ_URL: url }
    return (await checkReplica({ settings, pool: db.pool, directUrl: primary.url })).state
  }
  // It knows how far it is once it has applied something.
  await execute(primary.url, `select stepcast.open_run('import', '["load"]')`)
  await pollForRow(standby.url, 'select from stepcast.runs')
  assert.deepEqual([await look(standby.url), await look(primary.url)], ['ok', 'warn'])
  await execute(standby.url, 'select pg_promote()')
  assert.equal(await look(standby.url), 'fail')
})
