import { bestMatch } from '../languages.ts'
import { en } from './en.ts'
import type { Words } from './words.ts'

const loaders = { en: async () => en, 'zh-CN': async () => (await import('./zh-CN.ts')).zhCN }
type Spoken = keyof typeof loaders
const spoken = Object.keys(loaders) as Spoken[]
const loaded = new Map<Spoken, Words>([['en', en]])

/** Whether `wordsFor` has the words for a reader of this language. */
export function hasWords(wanted: string): boolean {
  return loaded.has(tagFor(wanted))
}

/** Loads the words that `wordsFor` lacks. If they cannot be loaded, English is used until the page is reloaded. */
export async function loadWords(wanted: string): Promise<void> {
  const tag = tagFor(wanted)
  loaded.set(tag, loaded.get(tag) ?? (await loaders[tag]().catch(() => en)))
}

/** The words for a reader of a language, and the matching language to format numbers and times in. */
export function wordsFor(wanted: string): { words: Words; language: string } {
  const words = loaded.get(tagFor(wanted)) ?? en
  const isForeign = words === en && bestMatch(wanted, ['en']) === undefined
  return { words, language: isForeign ? 'en' : wanted.replaceAll('_', '-') }
}

function tagFor(wanted: string): Spoken {
  return bestMatch(wanted, spoken) ?? 'en'
}
