import { Dictionary } from '../../words/dictionary.ts'
import { en } from './en.ts'
import type { PageWords } from './words.ts'

export const pageWords = new Dictionary<PageWords>(en, {
  'zh-CN': async () => (await import('./zh-CN.ts')).zhCN,
})
