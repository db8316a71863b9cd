import { bestMatch } from '../languages.ts'

/** The words of one element, in English and in the languages that it loads when a reader needs them. */
export class Dictionary<Words> {
  readonly #english: Words
  readonly #loaders: Readonly<Record<string, () => Promise<Words>>>
  readonly #loaded = new Map<string, Words>()

  constructor(english: Words, loaders: Readonly<Record<string, () => Promise<Words>>>) {
    this.#english = english
    this.#loaders = loaders
    this.#loaded.set('en', english)
  }

  /** Whether `for` has the words for a reader of this language. */
  has(wanted: string): boolean {
    return this.#loaded.has(this.#tagFor(wanted))
  }

  /** Loads the words that `for` lacks. If they cannot be loaded, English is used until the page is reloaded. */
  async load(wanted: string): Promise<void> {
    const tag = this.#tagFor(wanted)
    if (!this.#loaded.has(tag)) this.#loaded.set(tag, (await this.#loaders[tag]?.().catch(() => null)) ?? this.#english)
  }

  for(wanted: string): Words {
    return this.#loaded.get(this.#tagFor(wanted)) ?? this.#english
  }

  #tagFor(wanted: string): string {
    return bestMatch(wanted, ['en', ...Object.keys(this.#loaders)]) ?? 'en'
  }
}
