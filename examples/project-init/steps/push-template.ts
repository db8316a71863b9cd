import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context, Substep } from '../context.ts'
import type { ProjectInput } from '../input.ts'
import { pause } from '../pace.ts'
import { publish } from '../publish.ts'
import { workFolder } from '../settings.ts'
import { findTemplate, listFiles, render, type Variables } from '../template.ts'
import type { Repository } from './create-repository.ts'

/**
 * Renders the template for this project and pushes it. Each completed sub-step is kept: a retry continues after the
 * last one.
 */
export async function pushTemplate(ctx: Context<{ create_repository: Repository }>) {
  const { input } = ctx
  const { path: remote } = ctx.results.create_repository
  const variables = await ctx.substep('prepare_vars', (sub) => prepareVariables(sub, input))
  const files = await ctx.substep('render_template', (sub) => renderTemplate(sub, input.template, variables))
  const commit = await ctx.substep('push_files', (sub) =>
    pushFiles(sub, remote, `Begin from the template ${input.template}`),
  )
  return { commit, files }
}

async function prepareVariables({ signal }: Substep, input: ProjectInput): Promise<Variables> {
  const { name, template, description } = input
  await findTemplate(template)
  await pause(signal)
  const words = name.replaceAll('-', ' ')
  const title = words.charAt(0).toUpperCase() + words.slice(1)
  return { name, title, description: description || `${title} has no description yet.` }
}

function renderTemplate(sub: Substep, template: string, variables: Variables): Promise<number> {
  return render({
    template,
    into: renderedFolder(sub),
    variables,
    onFile: async (path, current, total) => {
      sub.log(`rendered ${path}`)
      sub.report({ current, total }, { en: 'Rendering files', 'zh-CN': '正在渲染文件' })
      await pause(sub.signal)
    },
  })
}

async function pushFiles(sub: Substep, remote: string, message: string): Promise<string> {
  const commit = await publish({
    remote,
    called: 'The project’s repository',
    message,
    work: workFolder(sub.run.id),
    write: (clone) => copyFiles(sub, clone),
    signal: sub.signal,
  })
  sub.log(`pushed ${commit} to main`)
  return commit
}

async function copyFiles(sub: Substep, clone: string): Promise<void> {
  const rendered = renderedFolder(sub)
  const files = await listFiles(rendered)
  for (const [index, path] of files.entries()) {
    await cp(join(rendered, path), join(clone, path))
    sub.report({ current: index + 1, total: files.length }, { en: 'Pushing files', 'zh-CN': '正在推送文件' })
    await pause(sub.signal)
  }
}

function renderedFolder({ run }: Substep): string {
  return join(workFolder(run.id), 'rendered')
}
