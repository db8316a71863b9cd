import { html, LitElement, nothing } from 'lit'
import type { Run } from '../../db/contract.ts'
import { formatsFor } from '../formats.ts'
import { localized } from '../languages.ts'
import { isFinished } from '../outline.ts'
import { fillPart } from '../parts/bar.ts'
import { statusIcon } from '../parts/icons.ts'
import { sharedStream } from '../stream.ts'
import { wordsFor } from '../words/pick.ts'
import { addressOf, base } from './place.ts'
import { readRuns } from './requests.ts'
import { pageWordsFor } from './words.ts'

const SHOWN = 20
/** Runs that were started elsewhere appear within this. */
const REFRESH_MS = 4_000

/** The newest runs; those that are not over are live. Dispatches `choose` with a run's id, and `listed` with the runs. */
export class RecentRuns extends LitElement {
  static override properties = { chosen: { attribute: false } }
  declare chosen: string | null
  #runs: Run[] | null = null
  readonly #watched = new Map<string, () => void>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    this.chosen = null
  }

  protected override createRenderRoot() {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('visibilitychange', this.#refreshIfSeen)
    this.refresh()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('visibilitychange', this.#refreshIfSeen)
    clearTimeout(this.#timer)
    for (const unsubscribe of this.#watched.values()) unsubscribe()
    this.#watched.clear()
  }

  /** Reads the list anew, now and from now on. */
  async refresh(): Promise<void> {
    clearTimeout(this.#timer)
    const runs = await readRuns(SHOWN).catch(() => null)
    if (!this.isConnected) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#refreshIfSeen, REFRESH_MS)
    if (runs !== null) this.#show(runs)
  }

  protected override render() {
    const words = pageWordsFor(document.documentElement.lang)
    return html`
      <section class="card list" aria-labelledby="recent">
        <h2 id="recent">${words.recent}</h2>
        ${this.#runs?.length === 0 ? html`<p class="soft">${words.noRunsHint}</p>` : nothing}
        <ul>
          ${this.#runs?.map((run) => this.#row(run))}
        </ul>
      </section>
    `
  }

  #row(run: Run) {
    const { lang } = document.documentElement
    const { words, language } = wordsFor(lang)
    const formats = formatsFor(language)
    const state = run.status === 'running' ? formats.percent(run.progress) : words.run[run.status]
    return html`
      <li>
        <a
          class=${run.status}
          href=${addressOf(run.id)}
          aria-current=${run.id === this.chosen ? 'true' : nothing}
          @click=${(event: MouseEvent) => this.#choose(event, run)}
        >
          ${statusIcon(run.status)}
          <span class="name">${localized(run.displayNames, lang, run.displayName)}</span>
          <span class="state">${state}</span>
          <span class="soft">${run.workflow}${run.key === null ? '' : ` · ${run.key}`}</span>
          <span class="soft time">${formats.time(run.createdAt)}</span>
          ${run.status === 'running' ? html`<svg class="bar" aria-hidden="true">${fillPart(run.progress)}</svg>` : nothing}
        </a>
      </li>
    `
  }

  #choose(event: MouseEvent, { id }: Run): void {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    this.dispatchEvent(new CustomEvent<string>('choose', { detail: id }))
  }

  readonly #refreshIfSeen = (): void => {
    if (document.visibilityState === 'visible') this.refresh()
  }

  #show(runs: Run[]): void {
    this.#runs = runs
    this.#watch(runs.filter((run) => !isFinished(run)).map(({ id }) => id))
    this.requestUpdate()
    this.dispatchEvent(new CustomEvent<Run[]>('listed', { detail: runs }))
  }

  #watch(wanted: string[]): void {
    for (const [id, unsubscribe] of this.#watched) {
      if (wanted.includes(id)) continue
      unsubscribe()
      this.#watched.delete(id)
    }
    for (const id of wanted) {
      if (this.#watched.has(id)) continue
      this.#watched.set(
        id,
        sharedStream(base, null).subscribe({ run: id }, ({ run }) => run && this.#replace(run)),
      )
    }
  }

  #replace(run: Run): void {
    this.#runs =
      this.#runs?.map((known) => (known.id === run.id && known.revision <= run.revision ? run : known)) ?? null
    this.requestUpdate()
  }
}
