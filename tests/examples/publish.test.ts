import assert from 'node:assert/strict'
import { mkdtemp, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { git } from '../../examples/project-init/git.ts'
import { publish } from '../../examples/project-init/publish.ts'
import { ensureRepository } from '../../examples/project-init/repository.ts'
import { temporaryFolder } from '../support/folder.ts'
import { protectMain } from './hooks.ts'

const { signal } = new AbortController()
const { path: home, [Symbol.asyncDispose]: remove } = await temporaryFolder()
after(remove)

test('files reach main under the fixed author', async () => {
  const { remote, put } = await repository()
  const commit = await put('a.txt', 'one')
  assert.equal(await git(remote, signal).raw('show', 'main:a.txt'), 'one')
  assert.equal(
    await git(remote, signal).raw('log', '--format=%H %an <%ae> %cn', 'main'),
    `${commit} Project Init <project-init@example.com> Project Init`,
  )
})

test('publishing the same again makes no second commit, and leaves nothing behind', async () => {
  const { remote, work, put } = await repository()
  const first = await put('a.txt', 'one')
  assert.equal(await put('a.txt', 'one'), first)
  assert.equal(await commits(remote), 1)
  assert.deepEqual(await readdir(work), [])
})

test('what is written into shares no file with the repository, which others push to meanwhile', async () => {
  const { remote, work, put } = await repository()
  await put('a.txt', 'one')
  const linked: string[] = []
  const write = async (clone: string) => {
    for (const file of await readdir(join(clone, '.git/objects'), { recursive: true, withFileTypes: true })) {
      const { nlink } = await stat(join(file.parentPath, file.name))
      if (file.isFile() && nlink > 1) linked.push(file.name)
    }
  }
  await publish({ remote, called: 'The repository', message: 'none', work, write, signal })
  assert.deepEqual(linked, [])
})

test('of eight that push at once none is lost', async () => {
  const { remote, put } = await repository()
  const names = Array.from({ length: 8 }, (_, index) => `file-${index}`)
  await Promise.all(names.map((name) => put(name, name)))
  assert.deepEqual((await git(remote, signal).raw('ls-tree', '--name-only', 'main')).split('\n'), names)
  assert.equal(await commits(remote), 8)
})

test('a hook that refuses is quoted, with git’s own error as the cause; without the hook the push goes through', async () => {
  const { remote, put } = await repository()
  const unprotect = await protectMain(remote)
  await assert.rejects(put('a.txt', 'one'), (error: Error) => {
    assert.equal(error.message, 'The repository refused the push: branch “main” is protected.')
    assert.match(String(error.cause), /pre-receive hook declined/)
    return true
  })
  await unprotect()
  await put('a.txt', 'one')
  assert.equal(await commits(remote), 1)
})

test('a remote that is gone is named', async () => {
  const folder = await mkdtemp(join(home, 'case-'))
  const remote = join(folder, 'gone.git')
  await assert.rejects(publishFile(remote, folder, 'a.txt', ''), /^Error: The repository cannot be used: .*gone\.git/)
})

test('an aborted push stops', async () => {
  const { remote, work } = await repository()
  const controller = new AbortController()
  const write = async () => controller.abort(new Error('cancelled'))
  const publication = { remote, called: 'The repository', message: 'x', work, write, signal: controller.signal }
  await assert.rejects(publish(publication), /bort/)
  assert.deepEqual(await readdir(work), [])
})

async function repository() {
  const folder = await mkdtemp(join(home, 'case-'))
  const remote = join(folder, 'remote.git')
  const work = join(folder, 'work')
  await ensureRepository({ path: remote, work, signal })
  return { remote, work, put: (name: string, text: string) => publishFile(remote, work, name, text) }
}

function publishFile(remote: string, work: string, name: string, text: string): Promise<string> {
  const write = (clone: string) => writeFile(join(clone, name), text)
  return publish({ remote, called: 'The repository', message: `Add ${name}`, work, write, signal })
}

async function commits(remote: string): Promise<number> {
  return Number(await git(remote, signal).raw('rev-list', '--count', 'main'))
}
