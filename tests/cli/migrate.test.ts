import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { createDatabase } from '../support/database.ts'
import { startProcess } from '../support/process.ts'

const main = join(import.meta.dirname, '../../cli/main.ts')

test('migrate prints what it warns of; a dry run waits for no migration', async () => {
  await using database = await createDatabase()
  const migrate = (...args: string[]) =>
    startProcess(main, ['migrate', ...args], { env: { DATABASE_URL: database.url, NO_COLOR: '1' } })
  const other = new pg.Client(database.url)
  await other.connect()
  await other.query("select pg_advisory_lock(hashtextextended('stepcast.migrate', 0))")
  await using dry = migrate('--dry-run')
  assert.equal(await dry.ended, 1)
  assert.match(dry.output(), /^a migration of this database is under way\nAsk again when it has ended\.\n$/)
  await using waiting = migrate()
  await waiting.says(/^warn {2}another migration of this database is under way; waiting for its end\n/)
  await other.end()
  assert.equal(await waiting.ended, 0)
  assert.match(waiting.output(), /\nUp to date\.\n$/)
})
