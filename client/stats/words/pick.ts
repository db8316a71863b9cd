import { bestMatch } from '../../languages.ts'
import { en } from './en.ts'
import type { StatsWords } from './words.ts'

const loaders = { en: async () => en, 'zh-CN': async () => (await import('./zh-CN.ts')).zhCN }
type Spoken = keyof typeof loaders
const spoken = Object.keys(loaders) as Spoken[]
const loaded = new Map<Spoken, StatsWords>([['en', en]])

/**
 * The words for a reader of a language, and the language to format numbers and times in; null: they have to be loaded
 * first.
 */
export function statsWordsFor(wanted: string): { words: StatsWords; language: string } | null {
  const match = bestMatch(wanted, spoken)
  const words = loaded.get(match ?? 'en')
  if (words === undefined) return null
  const isForeign = words === en && bestMatch(wanted, ['en']) === undefined
  return { words, language: isForeign ? 'en' : wanted.replaceAll('_', '-') }
}

/** If the words cannot be loaded, English is used until the page is reloaded. */
export async function loadStatsWords(wanted: string): Promise<void> {
  const tag = bestMatch(wanted, spoken) ?? 'en'
  loaded.set(tag, await loaders[tag]().catch(() => en))
}
