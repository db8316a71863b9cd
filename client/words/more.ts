import { moreEn } from './more-en.ts'
import type { MoreWords } from './more-words.ts'
import type { Words } from './words.ts'

/** Those of the same language. English ones are here; others came with the language. */
export function moreOf(words: Words): MoreWords {
  return words.more ?? moreEn
}
