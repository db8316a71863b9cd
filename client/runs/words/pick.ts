import { Dictionary } from '../../words/dictionary.ts'
import { en } from './en.ts'
import type { RunsWords } from './words.ts'

export const runsWords = new Dictionary<RunsWords>(en, {
  'zh-CN': async () => (await import('./zh-CN.ts')).zhCN,
})
