import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Context, Substep } from '../context.ts'
import { environments, manifestPath } from '../environments.ts'
import { pause } from '../pace.ts'
import { publish } from '../publish.ts'
import { ensureRepository } from '../repository.ts'
import { gitopsRepository, workFolder } from '../settings.ts'
import { fill } from '../template.ts'

const MANIFEST = join(import.meta.dirname, '../deployment.yaml.template')

/** Commits one manifest per environment to the repository that all projects share. */
export async function setupGitops(ctx: Context): Promise<{ commit: string }> {
  const { name } = ctx.input
  const commit = await ctx.substep('create_gitops', (sub) => pushManifests(sub, name))
  return { commit }
}

async function pushManifests(sub: Substep, project: string): Promise<string> {
  const { run, signal } = sub
  const work = workFolder(run.id)
  await ensureRepository({ path: gitopsRepository, work, signal })
  const commit = await publish({
    remote: gitopsRepository,
    called: 'The GitOps repository',
    message: `Add ${project}`,
    work,
    write: (clone) => writeManifests(sub, clone, project),
    signal,
  })
  sub.log(`pushed ${commit} to main`)
  return commit
}

async function writeManifests(sub: Substep, clone: string, project: string): Promise<void> {
  for (const [index, { name, replicas }] of environments.entries()) {
    const path = manifestPath(project, name)
    await mkdir(dirname(join(clone, path)), { recursive: true })
    await writeFile(join(clone, path), await fill(MANIFEST, { project, environment: name, replicas: `${replicas}` }))
    sub.log(`wrote ${path}`)
    sub.report({ current: index + 1, total: environments.length }, { en: 'Writing manifests', 'zh-CN': '正在写入清单' })
    await pause(sub.signal)
  }
}
