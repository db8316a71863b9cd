import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { readPostmaster } from '../../cli/postgres/leftover.ts'
import { startPostgres } from '../../cli/postgres/start.ts'
import { execute } from '../support/database.ts'
import { temporaryFolder } from '../support/folder.ts'
import { lives, startProcess, untilGone } from '../support/process.ts'

const script = join(import.meta.dirname, 'hold-postgres.ts')
/** For all who do not need it empty: each finds what the one before has left. */
const shared = await temporaryFolder()
after(() => shared[Symbol.asyncDispose]())
const folder = join(shared.path, 'postgres')

async function hold(folder: string) {
  await using started = new AsyncDisposableStack()
  const holder = started.use(startProcess(script, [folder]))
  const url = (await holder.says(/ready (\S+)/))[1] ?? ''
  const postmaster = await postmasterOf(folder)
  started.move()
  return { ...holder, url, postmaster }
}

async function postmasterOf(folder: string): Promise<number> {
  return (await readPostmaster(folder))?.pid ?? assert.fail(`no postmaster.pid in ${folder}`)
}

/** The process that started `pid`, from Linux's /proc. */
async function parentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(status.match(/^PPid:\s+(\d+)/m)?.[1])
}

async function untilInitdbWorks(parent: string): Promise<void> {
  while (globSync(`${parent}/*/data/base`).length === 0) await setImmediate()
}

test('kill -9 of its parent stops Postgres, and the next start finds the data', async () => {
  const first = await hold(folder)
  await execute(first.url, 'create table kept_by_parent as select 1')
  first.child.kill('SIGKILL')
  await untilGone(first.postmaster)
  await using second = await startPostgres({ folder })
  await execute(second.url, 'select * from kept_by_parent')
})

test('a lock file left by a kill -9 of everything is no obstacle, and nothing committed is lost', async () => {
  const first = await hold(folder)
  await execute(first.url, 'create table kept_by_all as select 1')
  process.kill(await parentOf(first.postmaster), 'SIGKILL')
  process.kill(first.postmaster, 'SIGKILL')
  first.child.kill('SIGKILL')
  await untilGone(first.postmaster)
  assert.equal(await postmasterOf(folder), first.postmaster)
  await using second = await startPostgres({ folder })
  await execute(second.url, 'select * from kept_by_all')
})

test('a stale lock file that names a living process of another kind is no obstacle', async () => {
  await (await startPostgres({ folder })).stop()
  await writeFile(join(folder, 'data/postmaster.pid'), `${process.ppid}\n${folder}/data\n1\n1\n\n\n\nready\n`)
  await appendFile(join(folder, 'data/postmaster.opts'), `stepcast.owner=${process.pid}`)
  await using second = await startPostgres({ folder })
  await execute(second.url, 'select 1')
})

test('a Postgres that outlived its parent and its watchdog is stopped before the next one starts', async () => {
  const first = await hold(folder)
  process.kill(await parentOf(first.postmaster), 'SIGKILL')
  first.child.kill('SIGKILL')
  await first.ended
  assert.ok(lives(first.postmaster))
  await using second = await startPostgres({ folder })
  assert.ok(!lives(first.postmaster))
  await execute(second.url, 'select 1')
})

test('a second start in the same folder is refused and names the first', async () => {
  await using first = await hold(folder)
  await assert.rejects(startPostgres({ folder }), (error: Error) => {
    return error.message.includes(`process ${first.child.pid}`) && error.message.includes('DATABASE_URL')
  })
  await execute(first.url, 'select 1')
})

test('of two starts at once in an empty folder one wins and the other says so', async () => {
  await using temporary = await temporaryFolder()
  const folder = join(temporary.path, 'postgres')
  await using one = startProcess(script, [folder])
  await using other = startProcess(script, [folder])
  const said = await Promise.all([one, other].map((start) => start.says(/ready|is in use by another start/)))
  assert.deepEqual(said.map(([text]) => text).sort(), ['is in use by another start', 'ready'])
})

test('a start that is killed while it makes the database leaves a folder that the next start can use', async () => {
  await using temporary = await temporaryFolder()
  const folder = join(temporary.path, 'postgres')
  const first = startProcess(script, [folder])
  await untilInitdbWorks(temporary.path)
  await first[Symbol.asyncDispose]()
  await using second = await startPostgres({ folder })
  await execute(second.url, 'select 1')
})

test('stopping twice is stopping once', async () => {
  const postgres = await startPostgres({ folder })
  const pid = await postmasterOf(postgres.folder)
  await Promise.all([postgres.stop(), postgres.stop()])
  assert.ok(!lives(pid))
})

test('the address is in its folder, for its owner alone, and so is the log', async () => {
  await using postgres = await startPostgres({ folder })
  const file = join(postgres.folder, 'url')
  assert.equal(await readFile(file, 'utf8'), postgres.url)
  for (const name of ['url', 'postgres.log'])
    assert.equal((await stat(join(postgres.folder, name))).mode & 0o077, 0, name)
})

// The last on the folder of all: it spoils it.
test('data of another major version is refused, naming both versions', async () => {
  await writeFile(join(folder, 'data/PG_VERSION'), '15\n')
  await assert.rejects(startPostgres({ folder }), /was made by PostgreSQL 15, but PostgreSQL 18 is installed/)
})
