import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { migrate } from '../../db/migrate.ts'
import { startServer } from '../../server/start.ts'
import { ask } from '../server/bench.ts'
import { execute } from '../support/database.ts'
import { temporaryFolder } from '../support/folder.ts'
import { startOwnPostgres } from '../support/postgres.ts'
import { pollForRow } from '../support/wait.ts'

test('lists and statistics come from the replica; what must be true now, from the primary', {
  timeout: 60_000,
}, async () => {
  await using folder = await temporaryFolder()
  const [primaryFolder, copy] = [join(folder.path, 'primary'), join(folder.path, 'standby')]
  const before = await startOwnPostgres({ folder: primaryFolder })
  await migrate(before.url)
  await before.stop()
  await promisify(execFile)('cp', ['-a', before.folder, copy])
  await writeFile(join(copy, 'data/standby.signal'), '')
  await using primary = await startOwnPostgres({ folder: primaryFolder })
  await using standby = await startOwnPostgres({ folder: copy, settings: { primary_conninfo: conninfo(primary.url) } })
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

function conninfo(url: string): string {
  const { hostname, port, username, password } = new URL(url)
  return `host=${hostname} port=${port} user=${username} password=${password}`
}
