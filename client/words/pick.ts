import { bestMatch } from '../languages.ts'
import { en } from './en.ts'
import type { Words } from './words.ts'
import { zhCN } from './zh-CN.ts'

const dictionaries = { en, 'zh-CN': zhCN }
const languages = Object.keys(dictionaries) as (keyof typeof dictionaries)[]

/** The words for a reader of a language, and the language to write numbers and times in so that they go together. */
export function wordsFor(wanted: string): { words: Words; language: string } {
  const match = bestMatch(wanted, languages)
  return { words: dictionaries[match ?? 'en'], language: match === undefined ? 'en' : wanted.replaceAll('_', '-') }
}
