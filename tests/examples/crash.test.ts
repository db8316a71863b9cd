import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { RunDetails } from '../../db/contract.ts'
import { git } from '../../examples/project-init/git.ts'
import { startProcess } from '../support/process.ts'
import { size } from '../support/size.ts'
import { assertCompleted, openExample } from './project.ts'

const COMMAND = join(import.meta.dirname, '../../cli/main.ts')
const CONFIG = join(import.meta.dirname, '../../examples/project-init/stepcast.config.ts')
const { signal } = new AbortController()
const example = await openExample()
after(example.close)

const SOME = ['push_files']
const ALL = ['create_repo', 'render_template', 'push_files', 'create_db_records', 'create_gitops', 'finalize']

for (const step of size(SOME, ALL)) {
  test(`killed during ${step}, another worker goes on: everything is there, and once`, async () => {
    const name = `phoenix-${step.replaceAll('_', '-')}`
    const id = await example.start({ name })
    await using victim = startWorkerProcess()
    assert.equal((await example.reached(id, step)).run.status, 'running')
    victim.child.kill('SIGKILL')
    await victim.ended

    await using _successor = startWorkerProcess()
    const details = await example.finished(id)
    assertCompleted(details)
    assert.equal(repeated(details), false, 'no step was completed twice')
    assert.equal(await commits(`repositories/${name}.git`), 1)
    assert.equal(await commits('gitops.git', `projects/${name}`), 1)
    assert.equal(await environmentsOf(name), 3)
  })
}

function repeated({ attempts }: RunDetails): boolean {
  const completions = attempts.filter(({ status }) => status === 'completed').map(({ stepId }) => stepId)
  return new Set(completions).size < completions.length
}

async function commits(repository: string, path = '.'): Promise<number> {
  const counted = await git(join(example.dataFolder, repository), signal).raw('rev-list', '--count', 'main', '--', path)
  return Number(counted)
}

async function environmentsOf(project: string): Promise<number> {
  const { rows } = await example.db.query(
    'select from environments e join projects p on p.id = e.project_id where p.name = $1',
    [project],
  )
  return rows.length
}

function startWorkerProcess() {
  const env = { DATABASE_URL: example.url, PROJECT_INIT_PACE_MS: '40' }
  return startProcess(COMMAND, ['worker', '--workflows', CONFIG], { env })
}
