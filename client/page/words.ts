import { bestMatch } from '../languages.ts'

/** What the page says beside the elements. */
export interface PageWords {
  start: string
  startButton: string
  starting: string
  workflow: string
  input: string
  optional: string
  choose: string
  noWorkflows: string
  noWorkflowsHint: string
  recent: string
  noRuns: string
  noRunsHint: string
}

const en: PageWords = {
  start: 'Start a run',
  startButton: 'Start',
  starting: 'Starting…',
  workflow: 'Workflow',
  input: 'Input (JSON)',
  optional: 'optional',
  choose: 'Choose…',
  noWorkflows: 'No workflow yet',
  noWorkflowsHint: 'Start a worker and what it can do appears here.',
  recent: 'Recent runs',
  noRuns: 'No run yet',
  noRunsHint: 'Start one and watch its steps here, live.',
}

const zhCN: PageWords = {
  start: '启动运行',
  startButton: '启动',
  starting: '正在启动…',
  workflow: '工作流',
  input: '输入（JSON）',
  optional: '可选',
  choose: '请选择…',
  noWorkflows: '还没有工作流',
  noWorkflowsHint: '启动一个 worker，可用的工作流就会显示在这里。',
  recent: '最近的运行',
  noRuns: '还没有运行',
  noRunsHint: '启动一次运行，在这里实时查看每个步骤。',
}

export const pageDictionaries = { en, 'zh-CN': zhCN }

/** The first of the reader's languages that the page speaks, else English. */
export function pageLanguage(wanted: readonly string[]): string {
  const spoken = Object.keys(pageDictionaries)
  return wanted.find((language) => bestMatch(language, spoken) !== undefined) ?? 'en'
}

export function pageWordsFor(language: string): PageWords {
  const tags = Object.keys(pageDictionaries) as (keyof typeof pageDictionaries)[]
  return pageDictionaries[bestMatch(language, tags) ?? 'en']
}
