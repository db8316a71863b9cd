import type { Localized } from '../db/contract.ts'
import { clean } from './text.ts'

/**
 * What a definition in plain JavaScript may get wrong, or a handler with a value from a row, where no compiler sees it.
 * Each check throws a TypeError that begins with `what`, the option's own name: otherwise the mistake would pass unseen,
 * or fail further down in words that do not say what to change.
 */

const LONGEST_NAME = 200
const LARGEST_INTEGER = 2 ** 31 - 1

/** All options that there are: a misspelt one would be ignored. Undefined: none are given. */
export function checkOptions(what: string, given: unknown, known: Record<string, true>): void {
  if (given === undefined) return
  if (typeof given !== 'object' || given === null) throw new TypeError(`${what} must be an object, not ${given}`)
  const unknown = Object.keys(given).find((option) => !Object.hasOwn(known, option))
  if (unknown) throw new TypeError(`${what}: there is no option ${unknown}; there are ${Object.keys(known).join(', ')}`)
}

export function checkFunction(what: string, given: unknown): void {
  if (typeof given !== 'function') throw new TypeError(`${what} must be a function, not ${typeof given}`)
}

/** Undefined: not given. */
export function checkOneOf(what: string, given: unknown, words: readonly string[]): void {
  if (given !== undefined && !words.includes(given as string))
    throw new TypeError(`${what} must be ${words.join(' or ')}, not ${given}`)
}

/** What is no schema of zod 4 may be one of the version before, which an application may have too, or JSON Schema. */
export function checkSchema(what: string, given: unknown): void {
  if (typeof given === 'object' && given !== null && '_zod' in given) return
  const seen = typeof given === 'object' && given !== null && '_def' in given ? 'one of zod 3' : typeof given
  throw new TypeError(`${what} must be a schema of zod 4, not ${seen}`)
}

/** A text would pass for the list of its letters. Undefined: not given. */
export function checkList(what: string, given: unknown): void {
  if (given !== undefined && !Array.isArray(given)) throw new TypeError(`${what} must be a list of names, not ${given}`)
}

export function checkName(what: string, name: unknown): void {
  if (typeof name !== 'string') throw new TypeError(`${what} must be a text, not ${typeof name}`)
  if (!name || name.length > LONGEST_NAME) throw new TypeError(`${what} has 1 to ${LONGEST_NAME} characters`)
  checkStorable(what, name)
}

/** A text, or one for each language; undefined: not given. */
export function checkLocalized(what: string, given: Localized | undefined): void {
  if (given === undefined) return
  const texts: unknown[] = typeof given === 'object' && given !== null ? Object.values(given) : [given]
  for (const text of texts) {
    if (typeof text !== 'string') throw new TypeError(`${what} must be a text, or one for each language, not ${text}`)
    checkStorable(what, text)
  }
}

export function checkStorable(what: string, text: string): void {
  if (text !== clean(text)) throw new TypeError(`${what} has neither NUL nor half of a surrogate pair: ${text}`)
}

/** A number of things that can be concurrent. */
export function checkPlaces(what: string, places: number): void {
  if (!(Number.isInteger(places) && places > 0 && places <= LARGEST_INTEGER)) {
    throw new TypeError(`${what} must be a whole number above 0, up to ${LARGEST_INTEGER}, not ${places}`)
  }
}
