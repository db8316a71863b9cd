import { inspect } from 'node:util'

/** Shorter ones would be found in words that are not secret. */
const SHORTEST = 4
const QUOTES = `'"\``
const MASK = '•••'

/**
 * In a text of up to so many characters for each secret, it is looked up which of them are there; a longer one is
 * searched for each, which is quicker then.
 */
const SHORT_TEXT = 10

/** Masks the secrets in a string. */
export type Mask = (text: string) => string

/** What handlers of a run have declared secret: it is masked in every string of theirs that is stored or emitted. */
export class Secrets {
  readonly #forms = new Set<string>()
  /** How long those are that begin alike: a handler may know thousands, and log a line for each. */
  readonly #lengths = new Map<string, Set<number>>()

  /** Throws a TypeError for what is not a string, or a string of less than four characters. */
  add(value: string): void {
    if (typeof value !== 'string' || value.length < SHORTEST) {
      throw new TypeError(`a secret must be a string of at least ${SHORTEST} characters, not ${describe(value)}`)
    }
    // As it is, in JSON, in a URL, and as Node prints it in each kind of quotes.
    const printed = print(value)
    const forms = [value, JSON.stringify(value).slice(1, -1), ...inUrls(value), printed, printed.replaceAll("\\'", "'")]
    for (const form of forms) this.#add(form)
  }

  /** Undefined as long as there is no secret: then nothing has to be searched. */
  get mask(): Mask | undefined {
    if (this.#forms.size === 0) return undefined
    return (text) => {
      const forms = text.length > SHORT_TEXT * this.#forms.size ? this.#forms : this.#within(text)
      // The longest first: one may be part of another.
      const sorted = [...forms].sort((a, b) => b.length - a.length)
      return sorted.reduce((masked, form) => masked.replaceAll(form, MASK), text)
    }
  }

  #add(form: string): void {
    this.#forms.add(form)
    const beginning = form.slice(0, SHORTEST)
    const lengths = this.#lengths.get(beginning) ?? new Set()
    this.#lengths.set(beginning, lengths.add(form.length))
  }

  #within(text: string): Set<string> {
    const found = new Set<string>()
    for (let at = 0; at < text.length; at++) {
      for (const length of this.#lengths.get(text.slice(at, at + SHORTEST)) ?? []) {
        const form = text.slice(at, at + length)
        if (this.#forms.has(form)) found.add(form)
      }
    }
    return found
  }
}

/** As a URL shows it: each of its parts, and each way to write it, escapes other characters. */
function inUrls(value: string): string[] {
  const text = value.toWellFormed()
  const url = new URL('https://host')
  url.password = text
  url.search = `?${text}`
  const query = new URLSearchParams([['', text]]).toString().slice('='.length)
  const forms = [encodeURIComponent(text), encodeURI(text), query, url.password, url.search.slice('?'.length)]
  // A URL leaves out line ends: little of a secret may remain.
  return forms.filter((form) => form.length >= SHORTEST)
}

/** With everything escaped that Node ever escapes: that is how it prints a string with every kind of quotes. */
function print(value: string): string {
  const printed = inspect(value + QUOTES, { maxStringLength: Infinity, breakLength: Infinity })
  // The first of the added quotes is escaped, and there is one more quote at either end.
  return printed.slice(1, -(QUOTES.length + 2))
}

/** Does not show the value: it was meant to be a secret. */
function describe(value: unknown): string {
  return typeof value === 'string' ? `one of ${value.length}` : typeof value
}
