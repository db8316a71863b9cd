import type { RowEvent } from '../../client/row-events.ts'
import type { Position, Run } from '../../db/contract.ts'
import type { FakeServer, Stream } from './fake-server.ts'
import { rowEvent } from './samples.ts'

const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString()
const ahead = (seconds: number) => ago(-seconds)

export function at(name: string, number: number, total: number, changes: Partial<Position> = {}): Position {
  return {
    step: name.toLowerCase().replaceAll(' ', '_'),
    displayName: name,
    displayNames: null,
    number,
    total,
    message: null,
    messages: null,
    nextAttemptAt: null,
    expectedAt: null,
    ...changes,
  }
}

/** A run enters the list, and stands there. */
export function listed(number: number, run: Partial<Run>, current: Position): RowEvent {
  const event = rowEvent(number, run)
  return { ...event, data: { ...event.data, current, now: new Date().toISOString() } } as RowEvent
}

const names = (project: string) => ({
  displayName: `Setting up “${project}”`,
  displayNames: { en: `Setting up “${project}”`, 'zh-CN': `正在创建项目“${project}”` },
  key: project,
})
const steps = (en: string, zh: string) => ({ displayNames: { en, 'zh-CN': zh } })

/** One of each kind, the newest first. */
export const MIXED: RowEvent[] = [
  listed(
    9,
    { ...names('north-docs'), status: 'pending', startedAt: null, createdAt: ago(0.2) },
    at('Resolve credentials', 1, 6),
  ),
  listed(
    8,
    { ...names('aurora-web'), progress: 46, startedAt: ago(18) },
    at('Push template', 3, 6, {
      ...steps('Push template', '推送项目模板'),
      message: '184 of 297 files',
      messages: { en: '184 of 297 files', 'zh-CN': '已推送 184/297 个文件' },
      expectedAt: ahead(25),
    }),
  ),
  listed(
    7,
    {
      workflow: 'import_file',
      displayName: 'Importing “customers.csv”',
      key: 'customers.csv',
      progress: 83,
      startedAt: ago(44),
    },
    at('Load rows', 2, 3, { message: '832,104 of 1,000,000 rows', expectedAt: ahead(9) }),
  ),
  listed(
    6,
    {
      ...names('quiet-api'),
      status: 'failed',
      progress: 61,
      error: 'Branch “main” is protected',
      completedAt: ago(60),
      duration: 31_000,
    },
    at('Set up GitOps', 5, 6, steps('Set up GitOps', '配置 GitOps')),
  ),
  listed(
    5,
    { ...names('harbor'), status: 'completed', progress: 100, completedAt: ago(300), duration: 43_000 },
    at('Finalize', 6, 6),
  ),
  listed(
    4,
    {
      ...names('a-project-with-a-name-that-is-as-long-as-names-of-projects-ever-get'),
      progress: 12,
      startedAt: ago(400),
    },
    at('Create repository', 2, 6, { ...steps('Create repository', '创建代码仓库'), nextAttemptAt: ahead(12) }),
  ),
  listed(
    3,
    { ...names('fjord'), status: 'cancelled', progress: 20, completedAt: ago(900), duration: 9_000 },
    at('Push template', 3, 6, steps('Push template', '推送项目模板')),
  ),
  listed(
    2,
    { ...names('delta'), status: 'completed', progress: 100, completedAt: ago(90_000), duration: 372_000 },
    at('Finalize', 6, 6),
  ),
]

export function enter(stream: Stream, rows: readonly RowEvent[] = MIXED): void {
  for (const row of rows) stream.send(row)
  stream.ready()
}

const workflow = (name: string, displayName: string) => ({ name, displayName, displayNames: null })

/** What a list with filters asks for beside its stream. */
export function serveWorkflows(server: FakeServer): void {
  const workflows = [workflow('import_file', 'Importing “{path}”'), workflow('project_init', 'Project initialization')]
  server.documents.set('/workflows', { workflows })
}
