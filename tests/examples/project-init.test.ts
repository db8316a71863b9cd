import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { access, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { git } from '../../examples/project-init/git.ts'
import { temporaryFolder } from '../support/folder.ts'
import { assertCompleted, failureOf, openExample } from './project.ts'

const run = promisify(execFile)
const { signal } = new AbortController()
const example = await openExample()
const worker = await example.startWorker()
after(() => worker.stop().then(example.close))

const gitops = join(example.dataFolder, 'gitops.git')
const repositoryOf = (name: string) => join(example.dataFolder, 'repositories', `${name}.git`)

test('a project is set up: repository, rows, manifests, and its status is active', async () => {
  const id = await example.start({ name: 'aurora-web', description: 'Northern lights, live.' })
  assertCompleted(await example.finished(id))

  const readme = await git(repositoryOf('aurora-web'), signal).raw('show', 'main:README.md')
  assert.match(readme, /^# Aurora web\n\nNorthern lights, live\./)
  assert.deepEqual(await example.projectRow('aurora-web'), { status: 'active', reason: null, run_id: id })
  assert.deepEqual(await environmentsOf('aurora-web'), ['dev', 'production', 'staging'])
  const manifest = await git(gitops, signal).raw('show', 'main:projects/aurora-web/staging.yaml')
  assert.match(manifest, /image: registry\.example\.com\/aurora-web:staging/)
  await assert.rejects(access(join(example.dataFolder, 'work', id)), 'the work folder is cleared away')
})

test('each template makes a project whose own tests pass', async () => {
  for (const template of await readdir(example.templatesFolder)) {
    const name = `works-${template}`
    assertCompleted(await example.finished(await example.start({ name, template })))
    await using folder = await temporaryFolder()
    const clone = join(folder.path, name)
    await git(example.dataFolder, signal).clone(repositoryOf(name), clone)
    assert.equal(JSON.parse(await readFile(join(clone, 'package.json'), 'utf8')).name, name)
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    await run(process.execPath, ['--test'], { cwd: clone, env })
  }
})

test('projects that are set up at once do not lose each other’s manifests', async () => {
  const names = ['cedar-web', 'comet-web', 'coral-web', 'delta-web']
  const runs = await Promise.all(names.map((name) => example.start({ name })))
  for (const ended of await Promise.all(runs.map(example.finished))) assertCompleted(ended)
  const files = (await git(gitops, signal).raw('ls-tree', '-r', '--name-only', 'main')).split('\n')
  for (const name of names) assert.equal(files.filter((file) => file.includes(`/${name}/`)).length, 3)
})

test('of two that want one name at once, one gets it and the other is told', async () => {
  const runs = await Promise.all([1, 2].map(() => example.start({ name: 'twin-web' })))
  const failures = (await Promise.all(runs.map(example.finished))).map(failureOf).filter(({ error }) => error)
  assert.equal(failures.length, 1)
  assert.match(failures[0]?.error ?? '', /The name “twin-web” is taken/)
  assert.equal((await example.projectRow('twin-web'))?.status, 'active')
})

async function environmentsOf(project: string): Promise<string[]> {
  const { rows } = await example.db.query<{ name: string }>(
    `select e.name from environments e join projects p on p.id = e.project_id where p.name = $1 order by e.name`,
    [project],
  )
  return rows.map(({ name }) => name)
}
