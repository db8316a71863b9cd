import { bestMatch } from '../languages.ts'

/** What one element says, in English and in the languages that it loads when a reader of them comes. */
export class Dictionary<Words> {
  readonly #english: Words
  readonly #loaders: Readonly<Record<string, () => Promise<Words>>>
  readonly #loaded = new Map<string, Words>()

  constructor(english: Words, loaders: Readonly<Record<string, () => Promise<Words>>>) {
    this.#english = english
    this.#loaders = loaders
    this.#loaded.set('en', english)
  }

  /** Whether `for` has all there is for a reader of this language. */
  has(wanted: string): boolean {
    return this.#loaded.has(this.#tagFor(wanted))
  }

  /** Loads what `for` lacks. Where it cannot be had, English is what there is until the page is loaded anew. */
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
