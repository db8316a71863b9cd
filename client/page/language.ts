import { bestMatch } from '../languages.ts'
import { loadWords } from '../words/pick.ts'
import { pageWords } from './words/pick.ts'

const CHOSEN = 'stepcast-language'

/** The languages of the pages, each under its own name. */
export const LANGUAGES = { en: 'English', 'zh-CN': '简体中文' } as const
type Language = keyof typeof LANGUAGES
const SPOKEN = Object.keys(LANGUAGES) as Language[]

/**
 * The language that the reader has chosen here, else the first of the browser's languages that is available, else
 * English.
 */
export function pageLanguage(wanted: readonly string[]): string {
  return wanted.find((language) => bestMatch(language, SPOKEN) !== undefined) ?? 'en'
}

/** To be called before anything is drawn. */
export async function speak(): Promise<void> {
  await become(pageLanguage([localStorage.getItem(CHOSEN) ?? '', ...navigator.languages].filter(Boolean)))
}

export async function choose(language: string): Promise<void> {
  localStorage.setItem(CHOSEN, language)
  await become(language)
}

export function chosen(): Language {
  return bestMatch(document.documentElement.lang, SPOKEN) ?? 'en'
}

async function become(language: string): Promise<void> {
  await Promise.all([loadWords(language), pageWords.load(language)])
  document.documentElement.lang = language
}
