import { moreEn } from './more-en.ts'
import type { MoreWords } from './more-words.ts'
import type { Words } from './words.ts'

/** The further words in the same language. The English ones are here; others came with their language. */
export function moreOf(words: Words): MoreWords {
  return words.more ?? moreEn
}
