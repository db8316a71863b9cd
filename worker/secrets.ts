import { inspect } from 'node:util'

/** Shorter ones would be found in words that are none. */
const SHORTEST = 4
const QUOTES = `'"\``
const MASK = '•••'

/** Takes secrets out of a text. */
export type Mask = (text: string) => string

/** What handlers of a run have called secret: it is masked wherever a text of theirs is kept or told. */
export class Secrets {
  readonly #forms = new Set<string>()

  /** Throws a TypeError for what is no text, or a shorter one than four characters. */
  add(value: string): void {
    if (typeof value !== 'string' || value.length < SHORTEST) {
      throw new TypeError(`a secret must be a string of at least ${SHORTEST} characters, not ${describe(value)}`)
    }
    // As itself, in JSON, in a URL, and as Node prints it in one kind of quotes or another.
    const printed = print(value)
    for (const form of [value, printed, printed.replaceAll("\\'", "'")]) this.#forms.add(form)
    this.#forms.add(JSON.stringify(value).slice(1, -1))
    this.#forms.add(encodeURIComponent(value.toWellFormed()))
  }

  /** Undefined as long as there is no secret: then nothing has to be looked through. */
  get mask(): Mask | undefined {
    if (this.#forms.size === 0) return undefined
    // The longest first: one may be a part of another.
    const forms = [...this.#forms].sort((a, b) => b.length - a.length)
    return (text) => forms.reduce((masked, form) => masked.replaceAll(form, MASK), text)
  }
}

/** With all escaped that ever is: so it is printed in a text that has every kind of quotes. */
function print(value: string): string {
  const printed = inspect(value + QUOTES, { maxStringLength: Infinity, breakLength: Infinity })
  // Of these the first is escaped; one more is at either end.
  return printed.slice(1, -(QUOTES.length + 2))
}

/** Not what it is: it was meant to be a secret. */
function describe(value: unknown): string {
  return typeof value === 'string' ? `one of ${value.length}` : `a ${typeof value}`
}
