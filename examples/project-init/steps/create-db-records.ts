import type { Context, Tx } from '../context.ts'
import { environments } from '../environments.ts'
import type { ProjectInput } from '../input.ts'
import { pause } from '../pace.ts'
import type { Repository } from './create-repository.ts'

/** The rows commit together with this step's completion, or not at all. */
export async function createDbRecords(ctx: Context<{ create_repository: Repository }>): Promise<{ projectId: string }> {
  const { input, run, tx, signal } = ctx
  const projectId = await saveProject(tx, input, run.id, ctx.results.create_repository.url)
  const total = 1 + environments.length
  for (const [index, { name, replicas }] of environments.entries()) {
    await saveEnvironment(tx, projectId, name, replicas)
    ctx.report({ current: index + 2, total }, { en: 'Creating rows', 'zh-CN': '正在创建记录' })
    await pause(signal)
  }
  ctx.log(`project ${projectId} with ${environments.length} environments`)
  return { projectId }
}

// The row exists since the name was claimed, and may contain the reason why an earlier attempt failed.
async function saveProject(tx: Tx, input: ProjectInput, run: string, url: string): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    `insert into projects (name, template, description, repository_url, run_id)
     values ($1, $2, $3, $4, $5)
     on conflict (name) do update
       set status = 'pending', reason = null, template = $2, description = $3, repository_url = $4
       where projects.run_id = excluded.run_id
     returning id`,
    [input.name, input.template, input.description, url, run],
  )
  const [project] = rows
  if (!project) throw new Error(`The name “${input.name}” was taken by another project meanwhile; choose another.`)
  return project.id
}

async function saveEnvironment(tx: Tx, projectId: string, name: string, replicas: number): Promise<void> {
  await tx.query(
    `insert into environments (project_id, name, replicas) values ($1, $2, $3)
     on conflict (project_id, name) do update set replicas = excluded.replicas`,
    [projectId, name, replicas],
  )
}
