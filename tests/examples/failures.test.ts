import assert from 'node:assert/strict'
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { holdPushes, protectMain } from './hooks.ts'
import { assertCompleted, failureOf, openExample } from './project.ts'

const example = await openExample()
const worker = await example.startWorker()
after(() => worker.stop().then(example.close))

test('a name that another project has fails at create_repo, and the other project stays as it is', async () => {
  const first = await example.finished(await example.start({ name: 'amber-web' }))
  const second = failureOf(await example.finished(await example.start({ name: 'amber-web' })))
  assert.equal(second.step, 'create_repo')
  assert.match(
    second.error ?? '',
    /^The name “amber-web” is taken by a project created on \w+ \d+, \d{4}; choose another\.$/,
  )
  assert.deepEqual(await example.projectRow('amber-web'), { status: 'active', reason: null, run_id: first.run.id })
})

test('a template that is missing names the known ones; once it is there, a retry completes', async () => {
  const id = await example.start({ name: 'birch-app', template: 'mobile' })
  const failed = failureOf(await example.finished(id))
  assert.equal(failed.step, 'prepare_vars')
  assert.equal(failed.error, 'There is no template “mobile”. The known ones: api, web.')
  assert.deepEqual(await example.projectRow('birch-app'), { status: 'failed', reason: failed.error, run_id: id })

  await cp(join(example.templatesFolder, 'api'), join(example.templatesFolder, 'mobile'), { recursive: true })
  assertCompleted(await retried(id))
  assert.deepEqual(await example.projectRow('birch-app'), { status: 'active', reason: null, run_id: id })
})

test('a template that asks for an unknown variable fails at render_template; once mended, a retry completes', async () => {
  const file = join(example.templatesFolder, 'broken/README.md')
  await mkdir(join(example.templatesFolder, 'broken'))
  await writeFile(file, '# {{titel}}\n')
  const id = await example.start({ name: 'broken-app', template: 'broken' })
  const failed = failureOf(await example.finished(id))
  assert.equal(failed.step, 'render_template')
  assert.match(failed.error ?? '', /README\.md asks for \{\{titel\}\}/)

  await writeFile(file, '# {{title}}\n')
  assertCompleted(await retried(id))
})

test('a GitOps repository that refuses is quoted, with git’s error as the cause; unprotected, a retry completes', async () => {
  assertCompleted(await example.finished(await example.start({ name: 'first-web' })))
  const unprotect = await protectMain(join(example.dataFolder, 'gitops.git'))
  const id = await example.start({ name: 'delta-web' })
  const failed = failureOf(await example.finished(id))
  assert.equal(failed.step, 'create_gitops')
  assert.equal(failed.error, 'The GitOps repository refused the push: branch “main” is protected.')
  assert.match(failed.errorStack ?? '', /pre-receive hook declined/)
  assert.equal((await example.projectRow('delta-web'))?.status, 'failed')

  await unprotect()
  assertCompleted(await retried(id))
  assert.equal((await example.projectRow('delta-web'))?.status, 'active')
})

test('a data folder that cannot be written to, or no git, fails at resolve_credentials', async () => {
  const aside = `${example.dataFolder}-aside`
  await rename(example.dataFolder, aside)
  await writeFile(example.dataFolder, 'a file in its place')
  const id = await example.start({ name: 'ember-web' })
  const failed = failureOf(await example.finished(id))
  assert.equal(failed.step, 'resolve_credentials')
  assert.match(failed.error ?? '', /^The data folder .* cannot be written to/)
  await rm(example.dataFolder)
  await rename(aside, example.dataFolder)

  const path = process.env.PATH
  process.env.PATH = '/nowhere'
  await example.retry(id)
  const second = failureOf(await example.finished(id))
  process.env.PATH = path
  assert.match(second.error ?? '', /^Git is not installed/)
  assertCompleted(await retried(id))
})

test('an input that names no possible project leaves no row', async () => {
  const { run } = await example.finished(await example.start({ name: '../etc' }))
  assert.equal(run.status, 'failed')
  assert.equal(await example.projectRow('../etc'), undefined)
})

test('a run that is cancelled during a push leaves a failed project with the reason', async () => {
  assertCompleted(await example.finished(await example.start({ name: 'coral-web' })))
  const letGo = await holdPushes(join(example.dataFolder, 'gitops.git'))
  const id = await example.start({ name: 'fjord-web' })
  await example.reached(id, 'create_gitops')
  await example.cancel(id, 'Not needed after all')
  const project = await example.failedProject('fjord-web')
  assert.deepEqual(project, { status: 'failed', reason: 'Not needed after all', run_id: id })
  await letGo()
})

async function retried(run: string) {
  await example.retry(run)
  return example.finished(run)
}
