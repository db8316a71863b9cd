import { rm } from 'node:fs/promises'
import type { Context, Tx } from '../context.ts'
import { environments, manifestPath } from '../environments.ts'
import { git } from '../git.ts'
import { pause } from '../pace.ts'
import { gitopsRepository, workFolder } from '../settings.ts'
import type { Repository } from './create-repository.ts'

type Before = {
  create_repository: Repository
  push_template: { commit: string }
  create_db_records: { projectId: string }
}

/** Checks that what the earlier steps report exists, and removes the work folder. */
export async function finalize(ctx: Context<Before>) {
  const { create_repository: repository, push_template: pushed, create_db_records: records } = ctx.results
  const checks = [
    () => checkRepository(repository.path, pushed.commit, ctx.signal),
    () => checkRows(ctx.tx, records.projectId),
    () => checkManifests(ctx.input.name, ctx.signal),
  ]
  for (const [index, check] of checks.entries()) {
    await check()
    ctx.report({ current: index + 1, total: checks.length }, { en: 'Checking', 'zh-CN': '正在检查' })
    await pause(ctx.signal)
  }
  await rm(workFolder(ctx.run.id), { recursive: true, force: true })
  return { project: records.projectId, repository: repository.url }
}

async function checkRepository(path: string, commit: string, signal: AbortSignal): Promise<void> {
  const branches = await git(path, signal).branch(['--contains', commit])
  if (!branches.all.includes('main'))
    throw new Error(`The repository’s main does not contain the pushed commit ${commit}.`)
}

async function checkRows(tx: Tx, projectId: string): Promise<void> {
  const { rows } = await tx.query<{ name: string }>('select name from environments where project_id = $1', [projectId])
  const missing = environments.filter(({ name }) => !rows.some((row) => row.name === name))
  if (missing.length > 0) throw new Error(`No row for the environments ${missing.map(({ name }) => name).join(', ')}.`)
}

async function checkManifests(project: string, signal: AbortSignal): Promise<void> {
  const listing = await git(gitopsRepository, signal).raw(
    'ls-tree',
    '-r',
    '--name-only',
    'main',
    `projects/${project}/`,
  )
  const paths = new Set(listing.split('\n'))
  const missing = environments.map(({ name }) => manifestPath(project, name)).filter((path) => !paths.has(path))
  if (missing.length > 0) throw new Error(`The GitOps repository’s main lacks ${missing.join(', ')}.`)
}
