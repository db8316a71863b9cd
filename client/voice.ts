import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { formatsFor } from './formats.ts'
import { languageOf, observeLanguage } from './languages.ts'
import type { Voice } from './parts/shown.ts'
import { hasWords, loadWords, wordsFor } from './words/pick.ts'

/** Provides the words and formats in the language of the element's place in the page, and follows its changes. */
export class VoiceController implements ReactiveController {
  readonly #host: ReactiveControllerHost & Element
  readonly #observer = new MutationObserver(() => this.forget())
  #spoken: Omit<Voice, 'clock'> | null = null

  constructor(host: ReactiveControllerHost & Element) {
    this.#host = host
    host.addController(this)
  }

  get now(): Omit<Voice, 'clock'> {
    this.#spoken ??= speak(languageOf(this.#host))
    return this.#spoken
  }

  /** Whether the words of that language have not loaded yet. */
  get lacksWords(): boolean {
    return !hasWords(languageOf(this.#host))
  }

  loadWords(): Promise<void> {
    return loadWords(languageOf(this.#host))
  }

  hostConnected(): void {
    this.forget()
    observeLanguage(this.#host, this.#observer)
  }

  hostDisconnected(): void {
    this.#observer.disconnect()
  }

  forget(): void {
    this.#spoken = null
    this.#host.requestUpdate()
  }
}

function speak(wanted: string): Omit<Voice, 'clock'> {
  const { words, language } = wordsFor(wanted)
  return { words, formats: formatsFor(language), language: wanted }
}
