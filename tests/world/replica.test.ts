import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServer } from '../../server/start.ts'
import { ask } from '../server/bench.ts'
import { execute } from '../support/database.ts'
import { startPair } from '../support/standby.ts'
import { pollForRow } from '../support/wait.ts'

test('lists and statistics come from the replica; what must be true now, from the primary', {
  timeout: 60_000,
}, async () => {
  await using pair = await startPair()
  const { primary, standby } = pair
  await execute(primary.url, `select stepcast.open_run('import', '["load"]')`)
  await pollForRow(standby.url, 'select from stepcast.runs')

  await using server = await startServer({ databaseUrl: primary.url, readUrl: standby.url, port: 0 })
  const list = async () => (await ask(`${server.url}/runs`)).body.runs as { id: string }[]
  const [run] = await list()
  assert.equal((await ask(`${server.url}/runs/${run?.id}`)).status, 200)
  await primary.stop()
  assert.deepEqual(
    (await list()).map(({ id }) => id),
    [run?.id],
  )
  assert.equal((await ask(`${server.url}/stats`)).status, 200)
  assert.equal((await ask(`${server.url}/runs/${run?.id}`)).status, 503)
})
