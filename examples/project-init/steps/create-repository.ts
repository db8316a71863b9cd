import { pathToFileURL } from 'node:url'
import type { Context, Tx } from '../context.ts'
import { pause } from '../pace.ts'
import { claimRepository, ensureRepository } from '../repository.ts'
import { projectRepository, workFolder } from '../settings.ts'

export type Repository = { path: string; url: string }

/** Claims the name for this run, and creates the bare repository. */
export async function createRepository(ctx: Context): Promise<Repository> {
  const { name } = ctx.input
  const path = projectRepository(name)
  await ctx.substep('create_repo', async (sub) => {
    const { run, signal } = sub
    await claimName(sub.tx, name, run.id)
    await ensureRepository({ path, work: workFolder(run.id), signal })
    const owner = await claimRepository(path, run.id, signal)
    if (owner !== run.id)
      throw new Error(`The name “${name}” is taken: ${path} belongs to another run; choose another.`)
    await pause(signal)
  })
  const { href: url } = pathToFileURL(path)
  ctx.log(`repository ${url}`)
  return { path, url }
}

// The constraint on the name decides between runs: of two at once, the second waits here until the first has committed.
async function claimName(tx: Tx, name: string, run: string): Promise<void> {
  await tx.query('insert into projects (name, run_id) values ($1, $2) on conflict (name) do nothing', [name, run])
  const { rows } = await tx.query<Project>('select status, run_id, created_at from projects where name = $1', [name])
  const [project] = rows
  if (project && project.run_id !== run) throw new Error(takenBy(name, project))
}

type Project = { status: string; run_id: string; created_at: Date }

function takenBy(name: string, { status, run_id, created_at }: Project): string {
  const day = created_at.toLocaleDateString('en', { dateStyle: 'long', timeZone: 'UTC' })
  return status === 'failed'
    ? `The name “${name}” is taken by a project that failed on ${day}; retry its run ${run_id}, or choose another.`
    : `The name “${name}” is taken by a project created on ${day}; choose another.`
}
