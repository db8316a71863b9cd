import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { readPostmaster } from '../../cli/postgres/leftover.ts'
import { createDatabase } from '../support/database.ts'
import { type TestFolder, temporaryFolder } from '../support/folder.ts'
import { lives, type Started, startProcess, untilGone } from '../support/process.ts'

const execute = promisify(execFile)
const main = join(import.meta.dirname, '../../cli/main.ts')
const configs = join(import.meta.dirname, 'configs')
const ADDRESS = /Stepcast is at (http:\S+)/

function dev(folder: string, config: string, options: string[] = [], env: object = {}) {
  const args = ['dev', '--workflows', join(configs, `${config}.ts`), ...options]
  return startProcess(main, args, { cwd: folder, env: { DATABASE_URL: '', PORT: '0', ...env } })
}

async function postmasterOf(folder: string): Promise<number> {
  return (await readPostmaster(join(folder, '.stepcast/postgres')))?.pid ?? assert.fail('no postmaster')
}

describe('stepcast dev', () => {
  test('--once ends with 0 when the run completed, a line a change, and leaves no process', async () => {
    await using folder = await temporaryFolder()
    const started = dev(folder.path, 'quick', ['--once'])
    await started.says(ADDRESS)
    const postmaster = await postmasterOf(folder.path)
    assert.equal(await started.ended, 0, started.output())
    assert.match(started.output(), /✓ First: completed in .*\n(.*\n)*.*✓ Being quick: completed/)
    assert.ok(!lives(postmaster))
  })

  test('--once ends with 1 when the run failed, and says why', async () => {
    await using folder = await temporaryFolder()
    await using database = await createDatabase()
    const started = dev(folder.path, 'failing', ['--once'], { DATABASE_URL: database.url })
    assert.equal(await started.ended, 1, started.output())
    assert.match(started.output(), /✗ Break: failed.*: This is the reason\./i)
  })

  describe('while it runs', () => {
    let folder: TestFolder
    let started: Started
    before(async () => {
      folder = await temporaryFolder()
      started = dev(folder.path, 'quick')
    })
    after(async () => {
      await started[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    })

    test('git sees nothing of its data in the folder of the application', async () => {
      await started.says(ADDRESS)
      const git = (...args: string[]) => execute('git', args, { cwd: folder.path })
      await git('init', '--quiet')
      assert.equal((await git('status', '--porcelain', '--untracked-files=all')).stdout, '')
    })

    test('it answers over HTTP, after its run too', async () => {
      const [, url] = await started.says(ADDRESS)
      await started.says(/Being quick: completed/)
      assert.equal((await fetch(`${url}/livez`)).status, 200)
    })

    test('a second one in the same folder is refused', async () => {
      const second = dev(folder.path, 'quick')
      assert.equal(await second.ended, 1)
      assert.match(second.output(), /in use by another start/)
    })

    test('Ctrl-C stops everything', async () => {
      const postmaster = await postmasterOf(folder.path)
      started.child.kill('SIGINT')
      assert.equal(await started.ended, 0, started.output())
      assert.ok(!lives(postmaster))
    })
  })

  test('kill -9 leaves neither a database nor a worker, and the next start goes on with the same run', async () => {
    await using folder = await temporaryFolder()
    await using started = dev(folder.path, 'endless')
    const worker = Number((await started.says(/worker (\d+)/))[1])
    const postmaster = await postmasterOf(folder.path)
    started.child.kill('SIGKILL')
    await Promise.all([untilGone(worker), untilGone(postmaster)])
    await using again = dev(folder.path, 'endless')
    const [, url] = await again.says(ADDRESS)
    const { runs } = (await (await fetch(`${url}/runs`)).json()) as { runs: unknown[] }
    assert.ok(runs.length >= 1)
  })

  test('a worker that is killed is started again', async () => {
    await using folder = await temporaryFolder()
    await using database = await createDatabase()
    await using started = dev(folder.path, 'endless', [], { DATABASE_URL: database.url })
    process.kill(Number((await started.says(/worker (\d+)/))[1]), 'SIGKILL')
    await started.says(/The worker ended \(SIGKILL\)/)
  })

  test('a busy port that was asked for is refused by name', async () => {
    await using folder = await temporaryFolder()
    const busy = createServer().listen(0, '127.0.0.1')
    await once(busy, 'listening')
    const { port } = busy.address() as { port: number }
    await using database = await createDatabase()
    const started = dev(folder.path, 'quick', ['--once'], { DATABASE_URL: database.url, PORT: String(port) })
    assert.equal(await started.ended, 2)
    assert.match(started.output(), new RegExp(`Port ${port}, which PORT names, is in use`))
    busy.close()
  })
})

describe('a wrong call ends with 2 and one clear message', () => {
  const wrong: [name: string, args: string[], env: object, says: RegExp][] = [
    ['no such command', ['fly'], {}, /unknown command 'fly'/],
    ['an unknown option', ['dev', '--fast'], {}, /unknown option '--fast'/],
    ['a missing argument', ['start'], {}, /missing required argument 'workflow'/],
    ['bad settings', ['migrate'], { PORT: 'x', DATABASE_URL: 'file:x' }, /DATABASE_URL .*\n {2}PORT /],
    ['no workflows file', ['worker', '--workflows', 'nowhere.ts'], {}, /There is no .*nowhere\.ts/],
    ['an input that is no JSON', ['start', 'quick', '{'], {}, /The input is not JSON/],
  ]
  for (const [name, args, env, says] of wrong) {
    test(name, async () => {
      const started = startProcess(main, args, { env: { DATABASE_URL: '', ...env } })
      assert.equal(await started.ended, 2, started.output())
      assert.match(started.output(), says)
      assert.doesNotMatch(started.output(), /\n\s+at /)
    })
  }
})
