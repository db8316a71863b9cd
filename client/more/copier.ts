import { copy } from './clipboard.ts'
import type { Host } from './host.ts'

/** For how long a button shows the outcome. */
const SHOWN_MS = 2_000

type Outcome = 'copied' | 'refused'

/** Copies a text and keeps the outcome for a while. */
export class Copier {
  readonly #host: Host['element']
  /** null: nothing was copied recently. */
  latest: { text: string; outcome: Outcome } | null = null
  #forget: ReturnType<typeof setTimeout> | undefined

  constructor(host: Host['element']) {
    this.#host = host
    host.addController({ hostDisconnected: () => clearTimeout(this.#forget) })
  }

  /** undefined: the text was not copied recently. */
  outcomeOf(text: string): Outcome | undefined {
    return this.latest?.text === text ? this.latest.outcome : undefined
  }

  async copy(text: string): Promise<void> {
    this.#become({ text, outcome: (await copy(text, this.#host.renderRoot)) ? 'copied' : 'refused' })
    clearTimeout(this.#forget)
    this.#forget = setTimeout(() => this.#become(null), SHOWN_MS)
  }

  #become(latest: { text: string; outcome: Outcome } | null): void {
    this.latest = latest
    this.#host.requestUpdate()
  }
}
