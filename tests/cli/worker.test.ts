import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { startRun } from '../../db/runs.ts'
import { useDatabase } from '../support/fixture.ts'
import { temporaryFolder } from '../support/folder.ts'
import { startProcess } from '../support/process.ts'
import { finished, pollForRow } from '../support/wait.ts'

const COMMAND = join(import.meta.dirname, '../../cli/main.ts')

const db = await useDatabase()
const CONFIG = join(import.meta.dirname, 'configs/quick.ts')
const env = { DATABASE_URL: db.url }
const count = (workers: number) =>
  pollForRow(db.url, 'select from stepcast.live_workers() having count(*) = $1', [workers])

test('worker --processes keeps so many running, whatever kills them, and ends them all', async () => {
  await using command = startProcess(COMMAND, ['worker', '--workflows', CONFIG, '--processes', '2'], { env })
  await count(2)
  const name = await db.value<string>('select name from stepcast.workers order by id limit 1')
  process.kill(Number(name.split(':').at(-1)), 'SIGKILL')
  await command.says(/The worker ended \(SIGKILL\); the next one starts in/)
  await count(2)
  const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'quick', input: {} })
  assert.equal((await finished(db.url, id)).status, 'completed')
  command.child.kill('SIGTERM')
  assert.equal(await command.ended, 0)
  await count(0)
})

test('the processes of one worker end at once: none begins what another has just handed over', async () => {
  const args = ['worker', '--workflows', join(import.meta.dirname, 'configs/endless.ts'), '--processes', '3']
  await using command = startProcess(COMMAND, args, { env })
  await count(3)
  const begin = () => startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'endless', input: {} })
  const runs = (await Promise.all(Array.from({ length: 6 }, begin))).map(({ id }) => id)
  const begun = "select from stepcast.attempts where status = 'running' and run_id = any ($1) having count(*) = 6"
  await pollForRow(db.url, begun, [runs])
  command.child.kill('SIGTERM')
  assert.equal(await command.ended, 0)
  assert.equal(await db.value('select count(*)::int from stepcast.attempts where run_id = any ($1)', [runs]), 6)
  await db.rows('select stepcast.cancel_run(id) from unnest($1::uuid[]) id', [runs])
})

test('what a handler leaves behind and nobody catches ends the worker, and is told with the place that it comes from', async () => {
  const config = join(import.meta.dirname, 'configs/forgetful.ts')
  await using command = startProcess(COMMAND, ['worker', '--workflows', config], { env })
  await count(1)
  const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'forgetful', input: {} })
  assert.equal(await command.ended, 1)
  assert.match(command.output(), /Error: nobody waits for this\n\s+at .*forgetful\.ts/)
  await db.rows('select stepcast.cancel_run($1)', [id])
})

test('a user without a host is an address for a worker too', async () => {
  const { username, hostname, port, pathname } = new URL(db.url)
  const hostless = `postgres://${username}@${pathname}?host=${hostname}&port=${port}&password=${new URL(db.url).password}`
  await using command = startProcess(COMMAND, ['worker', '--workflows', CONFIG], { env: { DATABASE_URL: hostless } })
  await count(1)
  command.child.kill('SIGTERM')
  assert.equal(await command.ended, 0)
})

test('a workflow of another copy of the package is one', async () => {
  const { loadConfig } = await import('../../cli/config.ts')
  const { workflows } = await loadConfig(join(import.meta.dirname, 'configs/other-copy.ts'))
  assert.deepEqual(
    workflows.map(({ definition }) => definition.name),
    ['from_elsewhere'],
  )
})

test('whatever a module throws is said, with its reasons', async () => {
  const { loadConfig } = await import('../../cli/config.ts')
  await using folder = await temporaryFolder()
  const says = async (name: string, thrown: string, message: RegExp) => {
    const file = join(folder.path, name)
    await writeFile(file, `throw ${thrown}`)
    await assert.rejects(loadConfig(file), { name: 'Failure', exitCode: 2, message })
  }
  await says('null.mjs', 'null', /could not be loaded: null$/)
  const failed = "new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })"
  await says('failed.mjs', failed, /fetch failed.*ECONNREFUSED/s)
})

test('a number of processes that cannot be is one clear line', async () => {
  await using command = startProcess(COMMAND, ['worker', '--workflows', CONFIG, '--processes', 'many'], { env })
  assert.equal(await command.ended, 2)
  assert.match(command.output(), /--processes is a whole number above 0/)
})

test('worker --metrics-port shows what it counts, beside what is usual of a process', async () => {
  const args = ['worker', '--workflows', CONFIG, '--metrics-port', '0']
  await using command = startProcess(COMMAND, args, { env })
  const [, url = ''] = await command.says(/"url":"(http:[^"]+\/metrics)"/)
  await count(1)
  const { id } = await startRun(db.pool, { tenant: 'default', actor: 'test', workflow: 'quick', input: {} })
  await finished(db.url, id)
  const response = await fetch(url)
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  const text = await response.text()
  assert.match(text, /^stepcast_runs_finished_total\{workflow="quick",status="completed"\} 1$/m)
  assert.match(text, /^process_resident_memory_bytes \d+/m)
  assert.equal((await fetch(new URL('/', url))).status, 404)
  command.child.kill('SIGTERM')
  assert.equal(await command.ended, 0)
})

test('a port for metrics that cannot be is one clear line', async () => {
  await using command = startProcess(COMMAND, ['worker', '--metrics-port', 'many'], { env })
  assert.equal(await command.ended, 2)
  assert.match(command.output(), /--metrics-port is a whole number up to 65535, not many/)
})

test('ports for the metrics of several processes that do not all exist are one clear line', async () => {
  const args = ['worker', '--workflows', CONFIG, '--metrics-port', '65535', '--processes', '2']
  await using command = startProcess(COMMAND, args, { env })
  assert.equal(await command.ended, 2)
  assert.match(command.output(), /^2 processes from --metrics-port 65535 on would need ports above 65535\.\n$/)
})

test('a retention that Postgres does not take is refused before anything else is done', async () => {
  await using command = startProcess(COMMAND, ['worker', '--workflows', CONFIG], {
    env: { ...env, STEPCAST_RETENTION: '1 day1 day' },
  })
  assert.equal(await command.ended, 2)
  assert.match(command.output(), /^STEPCAST_RETENTION is not valid: .*interval.*1 day1 day/)
})
