import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import pg from 'pg'
import { follow } from '../../cli/follow.ts'
import type { Db } from '../../db/client.ts'
import { migrate } from '../../db/migrate.ts'
import { startWorker } from '../../worker/start.ts'
import { createDatabase, execute } from '../support/database.ts'
import { FragilePostgres } from '../support/outage.ts'
import { startProcess, startProgram } from '../support/process.ts'
import { startPair } from '../support/standby.ts'
import { pollForRow } from '../support/wait.ts'
import { endless } from './configs/endless.ts'
import { failing } from './configs/failing.ts'
import { quick } from './configs/quick.ts'

const main = join(import.meta.dirname, '../../cli/main.ts')
const database = await createDatabase()
const worker = await startWorker({ workflows: [quick, failing, endless], databaseUrl: database.url })
after(async () => {
  await worker.stop()
  await database.drop()
})

function stepcast(...args: string[]) {
  return startProcess(main, args, { env: { DATABASE_URL: database.url } })
}

async function said(...args: string[]): Promise<string> {
  const command = stepcast(...args)
  assert.equal(await command.ended, 0, command.output())
  return command.output().trim()
}

test('start --follow ends with 0 when the run completed', async () => {
  const command = stepcast('start', 'quick', '--follow')
  assert.equal(await command.ended, 0, command.output())
  assert.match(command.output(), /✓ Being quick: completed/)
})

test('start --follow ends with 1 when the run failed', async () => {
  const command = stepcast('start', 'failing', '--follow')
  assert.equal(await command.ended, 1, command.output())
  assert.match(command.output(), /This is the reason\./)
})

test('Ctrl-C while following ends with 130 and leaves the run alone; cancel ends it and whoever watches with 1', async () => {
  const command = stepcast('start', 'endless', '--follow')
  const run = (await command.says(/run ([-0-9a-f]{36})/))[1] ?? ''
  await command.says(/worker \d+/)
  command.child.kill('SIGINT')
  assert.equal(await command.ended, 130)
  const watcher = stepcast('watch', run)
  await watcher.says(/Wait: running/)
  assert.equal(await said('cancel', run, '--reason', 'enough'), `Cancelled ${run}`)
  assert.equal(await watcher.ended, 1, watcher.output())
})

test('--json prints one object a line: snapshots, patches and the end', async () => {
  const lines = (await said('start', 'quick', '--follow', '--json')).split('\n').map((line) => JSON.parse(line))
  assert.equal(lines[0].event, 'snapshot')
  assert.deepEqual([lines.at(-1).event, lines.at(-1).reason], ['end', 'completed'])
  const revisions = lines.filter(({ event }) => event !== 'log').map(({ run }) => run.revision)
  assert.deepEqual(
    revisions,
    revisions.toSorted((a, b) => a - b),
  )
})

test('a key that is known answers with its run', async () => {
  const first = await said('start', 'quick', '{}', '--key', 'seven')
  assert.equal(await said('start', 'quick', '{}', '--key', 'seven'), first)
  assert.notEqual(await said('start', 'quick', '{}', '--key', 'eight'), first)
})

test('list shows the newest first, as lines or as JSON', async () => {
  const run = await said('start', 'quick')
  const [newest] = (await said('list', '--json', '--limit', '1')).split('\n').map((line) => JSON.parse(line))
  assert.equal(newest.id, run)
  assert.match(await said('list', '--workflow', 'failing', '--status', 'failed'), /^✗ {2}\S+ {2}failed/)
})

test('list goes on until it has as many as it was asked for, and all of it reaches whoever reads', async () => {
  const large = `jsonb_build_object('text', repeat('x', 260000))`
  for (let n = 0; n < 12; n++)
    await execute(database.url, `select stepcast.open_run('large', '["a"]', metadata => ${large})`)
  const lines = (await said('list', '--workflow', 'large', '--limit', '11', '--json')).split('\n')
  assert.equal(lines.map((line) => JSON.parse(line)).filter(({ workflow }) => workflow === 'large').length, 11)
})

test('a command that fails says so by its exit code, also where nobody reads', async () => {
  const { child, ended } = stepcast('list', '--limit', 'x')
  child.stdout?.destroy()
  assert.equal(await ended, 2)
})

test('who calls is named, by a number where the user has no name', async () => {
  const isRoot = process.getuid?.() === 0
  const module = join(import.meta.dirname, '../../cli/actor.ts')
  const script = `const { actor } = await import('${module}'); ${isRoot ? 'process.setuid(54321); ' : ''}console.log(actor())`
  const command = startProgram(process.execPath, ['--input-type=module', '-e', script], {})
  assert.equal(await command.ended, 0, command.output())
  assert.equal(command.output(), isRoot ? 'uid 54321\n' : `${userInfo().username}\n`)
})

test('a tenant is named', async () => {
  await execute(database.url, `select stepcast.open_run('theirs', '["a"]', tenant => 'acme')`)
  assert.equal(await said('list', '--workflow', 'theirs'), '')
  const { id } = JSON.parse(await said('list', '--tenant', 'acme', '--json'))
  assert.equal(await said('cancel', id, '--tenant', 'acme'), `Cancelled ${id}`)
})

test('who watches outlives a restart of the database', async () => {
  await using postgres = await FragilePostgres.start()
  await migrate(postgres.url)
  const pool = new pg.Pool({ connectionString: postgres.url })
  pool.on('error', () => {})
  const open = "select stepcast.open_run('long', '[]') as run"
  const { run } = (await pool.query<{ run: string }>(open)).rows[0] ?? assert.fail()
  const inVain = Promise.withResolvers<void>()
  const asked: Db = {
    query: (...query) =>
      pool.query<never>(...query).catch((error) => {
        inVain.resolve()
        throw error
      }),
  }
  const events = follow(asked, postgres.url, run, new AbortController().signal)
  assert.equal((await events.next()).value?.type, 'snapshot')
  const next = events.next()
  await postgres.stop()
  await inVain.promise
  await postgres.comeBack()
  await execute(postgres.url, `select stepcast.finish_run('${run}')`)
  for (let event = await next; event.value?.type !== 'end'; event = await events.next()) assert.ok(!event.done)
  await events.return(undefined)
  await pool.end()
})

test('who watches outlives a failover, whose standby is asked before it is promoted', { timeout: 60_000 }, async () => {
  await using pair = await startPair()
  const [primary, standby] = [pair.primary, pair.standby].map(({ url }) => new pg.Pool({ connectionString: url }))
  assert.ok(primary && standby)
  const { run } = (await primary.query("select stepcast.open_run('long', '[]') as run")).rows[0]
  await pollForRow(pair.standby.url, 'select from stepcast.runs')
  let now = primary
  const refused = Promise.withResolvers<void>()
  const asked: Db = {
    query: (...query) =>
      now.query<never>(...query).catch((error) => {
        refused.resolve()
        throw error
      }),
  }
  const events = follow(asked, pair.primary.url, run, new AbortController().signal)
  assert.equal((await events.next()).value?.type, 'snapshot')
  const next = events.next()
  now = standby
  await refused.promise
  await primary.end()
  await pair.primary.stop()
  await execute(pair.standby.url, 'select pg_promote()')
  await execute(pair.standby.url, `select stepcast.finish_run('${run}')`)
  for (let event = await next; event.value?.type !== 'end'; event = await events.next()) assert.ok(!event.done)
  await events.return(undefined)
  await standby.end()
})

test('who watches asks again where a read is older than the promotion of its standby, and so may not name the epoch', async () => {
  const newer = new pg.Pool({ connectionString: database.url })
  const { run } = (await newer.query("select stepcast.open_run('long', '[]') as run")).rows[0]
  const url = new URL(database.url)
  url.searchParams.set('options', '-c default_transaction_read_only=on')
  const older = new pg.Pool({ connectionString: url.href })
  let isOlder = false
  let refusals = 0
  const asked: Db = {
    query: (...query) =>
      (isOlder ? older : newer).query<never>(...query).catch((error) => {
        refusals += 1
        isOlder = false
        throw error
      }),
  }
  const events = follow(asked, database.url, run, new AbortController().signal)
  assert.equal((await events.next()).value?.type, 'snapshot')
  isOlder = true
  await newer.query('delete from stepcast.epoch')
  await newer.query('select stepcast.finish_run($1)', [run])
  for (let event = await events.next(); event.value?.type !== 'end'; event = await events.next()) assert.ok(!event.done)
  assert.equal(refusals, 1)
  await events.return(undefined)
  await Promise.all([older.end(), newer.end()])
})

test('who would watch in a database that is not migrated is told so at once', { timeout: 30_000 }, async () => {
  await using empty = await createDatabase('template1')
  await using command = startProcess(main, ['watch', randomUUID()], { env: { DATABASE_URL: empty.url } })
  assert.equal(await command.ended, 1)
  assert.match(command.output(), /^The database lacks .* Run: stepcast migrate\n$/)
})

test('a failed run can be retried', async () => {
  const run = (await said('list', '--workflow', 'failing', '--json')).match(/"id":"([^"]+)"/)?.[1] ?? ''
  assert.equal(await said('retry', run), `Retrying ${run}`)
})

test('what the database refuses is one message with what to do, and exit code 1', async () => {
  const command = stepcast('start', 'unheard_of')
  assert.equal(await command.ended, 1)
  assert.match(command.output(), /unheard_of/)
  assert.doesNotMatch(command.output(), /\n\s+at /)
})

test('what to do is said in options of the command where the database says it in SQL', async () => {
  await said('start', 'quick', '{}', '--key', 'nine')
  for (const [args, message] of [
    [['start', 'quick', '{"other": true}', '--key', 'nine'], /, or --again once that run is finished\./],
    [['cancel', randomUUID()], /`stepcast list` lists the runs\./],
  ] as const) {
    const command = stepcast(...args)
    assert.equal(await command.ended, 1)
    assert.match(command.output(), message)
    assert.doesNotMatch(command.output(), /=>|stepcast\.runs/)
  }
})

test('an input that does not fit starts nothing, and what is wrong in it is named', async () => {
  const schema = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] }
  await execute(
    database.url,
    `select stepcast.register_workflow('picky', '1', null, null, '[{"step": "a"}]', '${JSON.stringify(schema)}', '{}')`,
  )
  for (const [input, message] of [
    ['{"path": 7}', /^input\.path: .*string/],
    ['[]', /^input: .*object/],
  ] as const) {
    const command = stepcast('start', 'picky', input)
    assert.equal(await command.ended, 1)
    assert.match(command.output(), message)
  }
  assert.equal(await said('list', '--workflow', 'picky'), '')
  assert.match(await said('start', 'picky', '{"path": "a.csv"}'), /^[0-9a-f-]{36}$/)
})

test('an input that cannot be kept as it is starts nothing, and the reason is named', async () => {
  const before = await said('list', '--workflow', 'quick')
  for (const [input, message] of [
    ['{"size": [1e999]}', /^input\.size\.0: is a number too large to be kept/],
    ['{"name": "a\\u0000"}', /^input\.name: holds a NUL character/],
    ['{"name": "\\ud800"}', /^input\.name: holds half a surrogate pair/],
    [`${'['.repeat(20_000)}${']'.repeat(20_000)}`, /: is nested more than 100 levels deep/],
  ] as const) {
    const command = stepcast('start', 'quick', input)
    assert.equal(await command.ended, 1, command.output().slice(0, 1_000))
    assert.match(command.output(), message)
  }
  assert.equal(await said('list', '--workflow', 'quick'), before)
})

test('what an argument cannot be is one message with what it should be, and exit code 2', async () => {
  for (const [args, message] of [
    [['watch', 'seven'], /A run has an id like/],
    [['openapi', '--prefix', 'nope'], /write '\/nope', not 'nope'/],
    [['list', '--workflow', ''], /'--workflow <name>' argument '' is invalid. It is empty: give a name, or/],
    [['cancel', '019ac3f2-7c1e-7d4b-9a53-0242ac120002', '--tenant='], /'--tenant <name>' argument '' is invalid/],
  ] as const) {
    const command = stepcast(...args)
    assert.equal(await command.ended, 2)
    assert.match(command.output(), message)
    assert.doesNotMatch(command.output(), /\n\s+at /)
  }
})

test('a database that does not answer is said to be so', async () => {
  const command = startProcess(main, ['list'], { env: { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' } })
  assert.equal(await command.ended, 1)
  assert.match(command.output(), /The database does not answer: connect ECONNREFUSED 127\.0\.0\.1:1\./)
  assert.match(command.output(), /Is DATABASE_URL right, and does it run\?/)
})

test('a database beside DATABASE_URL that does not answer is among those to look at', async () => {
  const nowhere = 'postgres://nobody@127.0.0.1:1/none'
  for (const [name, args] of [
    ['STEPCAST_READ_URL', ['stats']],
    ['STEPCAST_LISTEN_URL', ['migrate']],
  ] as const) {
    const command = startProcess(main, [...args], { env: { DATABASE_URL: database.url, [name]: nowhere } })
    assert.equal(await command.ended, 1)
    assert.ok(command.output().includes(`Are DATABASE_URL and ${name} right, and do they run?`), command.output())
  }
})

test('a database that was never migrated is said to be so', async () => {
  await using empty = await createDatabase('template1')
  const command = startProcess(main, ['list'], { env: { DATABASE_URL: empty.url } })
  assert.equal(await command.ended, 1)
  assert.match(command.output(), /Run: stepcast migrate/)
})

test('migrate says that there is nothing to do', async () => {
  assert.equal(await said('migrate'), 'Up to date.')
  assert.equal(await said('migrate', '--dry-run'), 'Up to date.')
})
