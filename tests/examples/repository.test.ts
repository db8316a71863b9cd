import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { git } from '../../examples/project-init/git.ts'
import { publish } from '../../examples/project-init/publish.ts'
import { claimRepository, ensureRepository } from '../../examples/project-init/repository.ts'
import { temporaryFolder } from '../support/folder.ts'

const { signal } = new AbortController()
const { path: home, [Symbol.asyncDispose]: remove } = await temporaryFolder()
after(remove)

test('a repository is made bare, with main as its branch', async () => {
  const { path } = await madeRepository()
  assert.equal(await git(path, signal).raw('rev-parse', '--is-bare-repository'), 'true')
  assert.equal(await git(path, signal).raw('symbolic-ref', 'HEAD'), 'refs/heads/main')
})

test('ten that make it at once all find it, and leave no draft', async () => {
  const wanted = await wantedRepository()
  await Promise.all(Array.from({ length: 10 }, () => ensureRepository(wanted)))
  assert.deepEqual(await readdir(wanted.work), [])
  assert.equal(await git(wanted.path, signal).raw('rev-parse', '--is-bare-repository'), 'true')
})

test('an empty folder in its place becomes the repository', async () => {
  const wanted = await wantedRepository()
  await mkdir(wanted.path)
  await ensureRepository(wanted)
  assert.equal(await claimRepository(wanted.path, 'run-1', signal), 'run-1')
})

test('something else in its place is named', async () => {
  const wanted = await wantedRepository()
  await mkdir(join(wanted.path, 'notes'), { recursive: true })
  await assert.rejects(ensureRepository(wanted), /No repository can be made at .*aurora\.git: is something in its way/)
})

test('an aborted attempt leaves nothing in its place', async () => {
  const wanted = await wantedRepository()
  await assert.rejects(ensureRepository({ ...wanted, signal: AbortSignal.abort() }))
  assert.deepEqual(await readdir(join(wanted.path, '..')), ['work'])
})

test('a repository that a killed run left empty can be claimed; one that was pushed to stays its owner’s', async () => {
  const { path, work } = await madeRepository()
  assert.equal(await claimRepository(path, 'run-1', signal), 'run-1')
  assert.equal(await claimRepository(path, 'run-2', signal), 'run-2')
  const write = (clone: string) => writeFile(join(clone, 'a.txt'), '')
  await publish({ remote: path, called: 'The repository', message: 'Begin', work, write, signal })
  assert.equal(await claimRepository(path, 'run-3', signal), 'run-2')
})

async function madeRepository() {
  const wanted = await wantedRepository()
  await ensureRepository(wanted)
  await ensureRepository(wanted)
  return wanted
}

async function wantedRepository() {
  const folder = await mkdtemp(join(home, 'case-'))
  return { path: join(folder, 'aurora.git'), work: join(folder, 'work'), signal }
}
