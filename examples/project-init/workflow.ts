import { workflow } from 'stepcast'
import { projectInput } from './input.ts'
import { recordOutcome } from './outcome.ts'
import { createDbRecords } from './steps/create-db-records.ts'
import { createRepository } from './steps/create-repository.ts'
import { finalize } from './steps/finalize.ts'
import { pushTemplate } from './steps/push-template.ts'
import { resolveCredentials } from './steps/resolve-credentials.ts'
import { setupGitops } from './steps/setup-gitops.ts'

/** From a name to a running project: repository, template, rows, manifests. Every step can safely be repeated. */
export const projectInit = workflow('project_init', {
  displayName: { en: 'Setting up “{name}”', 'zh-CN': '正在初始化 “{name}”' },
  input: projectInput,
})
  .step(
    'resolve_credentials',
    { weight: 1, displayName: { en: 'Resolve credentials', 'zh-CN': '解析凭证' } },
    resolveCredentials,
  )
  .step(
    'create_repository',
    {
      weight: 1,
      displayName: { en: 'Create repository', 'zh-CN': '创建 Git 仓库' },
      substeps: [{ name: 'create_repo', displayName: { en: 'Create bare repository', 'zh-CN': '创建裸仓库' } }],
    },
    createRepository,
  )
  .step(
    'push_template',
    {
      weight: 14,
      displayName: { en: 'Push template', 'zh-CN': '推送项目模板' },
      substeps: [
        { name: 'prepare_vars', weight: 1, displayName: { en: 'Prepare variables', 'zh-CN': '准备变量' } },
        { name: 'render_template', weight: 6, displayName: { en: 'Render template', 'zh-CN': '渲染模板' } },
        { name: 'push_files', weight: 6, displayName: { en: 'Push files', 'zh-CN': '推送文件' } },
      ],
    },
    pushTemplate,
  )
  .step(
    'create_db_records',
    { weight: 2, displayName: { en: 'Create records', 'zh-CN': '创建数据库记录' } },
    createDbRecords,
  )
  .step(
    'setup_gitops',
    {
      weight: 3,
      displayName: { en: 'Set up GitOps', 'zh-CN': '配置 GitOps' },
      substeps: [{ name: 'create_gitops', displayName: { en: 'Push manifests', 'zh-CN': '推送部署清单' } }],
    },
    setupGitops,
  )
  .step('finalize', { weight: 1, displayName: { en: 'Finish', 'zh-CN': '完成初始化' } }, finalize)
  .onEnd(recordOutcome)
