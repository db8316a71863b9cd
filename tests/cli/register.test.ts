import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { useDatabase } from '../support/fixture.ts'
import { startProcess } from '../support/process.ts'

const main = join(import.meta.dirname, '../../cli/main.ts')
const db = await useDatabase()

/** Registers what that module exports; resolves to the steps that a new run gets. */
async function register(config: string, ...options: string[]): Promise<string[]> {
  const file = join(import.meta.dirname, 'configs', `${config}.ts`)
  const command = startProcess(main, ['register', '--workflows', file, ...options], { env: { DATABASE_URL: db.url } })
  assert.equal(await command.ended, 0, command.output())
  const run = await db.value("select stepcast.start_run('quick')")
  return db.value('select array_agg(step order by sequence) from stepcast.steps where run_id = $1', [run])
}

test('new runs get the version that came last for the first time, or after a rollback the one that is said to be current', async () => {
  assert.deepEqual(await register('quick-of-may'), ['only'])
  assert.deepEqual(await register('quick'), ['first', 'second'])
  assert.deepEqual(await register('quick-of-may'), ['first', 'second'])
  assert.deepEqual(await register('quick-of-may', '--current'), ['only'])
})
