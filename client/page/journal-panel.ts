import { html, LitElement, nothing } from 'lit'
import type { JournalEntry, Step, StepStatus } from '../../db/contract.ts'
import { type Formats, formatsFor } from '../formats.ts'
import { isLong, wholePart } from '../parts/long-text.ts'
import { nameOfStep } from '../parts/shown.ts'
import { wordsFor } from '../words/pick.ts'
import { readJournal } from './requests.ts'
import { pageWords } from './words/pick.ts'

/** Changes within this time are read together. */
const PAUSE_MS = 500

/** Who did what to a run, and why; read when the panel is opened, and again when the run has changed. */
export class JournalPanel extends LitElement {
  static override properties = {
    run: { attribute: false },
    revision: { attribute: false },
    steps: { attribute: false },
  }
  declare run: string
  /** The run's revision: if it rises, there may be more entries. */
  declare revision: number
  /** The run's steps, for their names. */
  declare steps: readonly Step[]
  #entries: JournalEntry[] = []
  /** Whether there are more pages than have been read. */
  #hasMore = false
  #isOpen = false
  #wasRead = false
  #failed = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    this.run = ''
    this.revision = 0
    this.steps = []
  }

  protected override createRenderRoot() {
    return this
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#rest()
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('revision') || !this.#isOpen || this.#hasMore) return
    // further changes do not postpone it: a run may report all the time
    this.#timer ??= setTimeout(() => this.#read(), PAUSE_MS)
  }

  protected override render() {
    const words = pageWords.for(document.documentElement.lang)
    return html`
      <details class="card journal" @toggle=${this.#toggle}>
        <summary><h2>${words.journal}</h2><span class="soft">${words.journalHint}</span></summary>
        ${this.#failed ? html`<p class="wrong" role="alert">${words.notJournal}</p>` : nothing}
        ${this.#wasRead && !this.#failed && this.#entries.length === 0 ? html`<p class="soft">${words.noJournal}</p>` : nothing}
        ${this.#entries.length > 0 ? this.#table() : nothing}
        ${this.#hasMore ? html`<button class="plain" @click=${this.#readOn}>${words.moreEntries}</button>` : nothing}
      </details>
    `
  }

  #table() {
    const words = pageWords.for(document.documentElement.lang)
    const formats = formatsFor(document.documentElement.lang)
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${words.journal}>
        <table role="table">
          <thead>
            <tr role="row">${[words.when, words.who, words.what, words.why].map((text) => html`<th role="columnheader">${text}</th>`)}</tr>
          </thead>
          <tbody>
            ${this.#entries.map((entry) => rowPart(entry, this.steps, formats))}
          </tbody>
        </table>
      </div>
    `
  }

  readonly #toggle = ({ target }: Event): void => {
    this.#isOpen = (target as HTMLDetailsElement).open
    if (this.#isOpen) this.#read()
  }

  /** After the last page the button goes: the focus moves to the entries. */
  readonly #readOn = async (): Promise<void> => {
    await this.#read()
    await this.updateComplete
    if (document.activeElement === document.body)
      this.querySelector<HTMLElement>('.scroll')?.focus({ preventScroll: true })
  }

  #rest(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  async #read(): Promise<void> {
    this.#rest()
    try {
      const { entries, next } = await readJournal(this.run, this.#entries.at(-1)?.entry ?? 0)
      const known = new Set(this.#entries.map(({ entry }) => entry))
      this.#entries = [...this.#entries, ...entries.filter(({ entry }) => !known.has(entry))]
      this.#hasMore = next !== null
      this.#failed = false
    } catch {
      this.#failed = true
    }
    this.#wasRead = true
    this.requestUpdate()
  }
}

/** The roles are explicit: in little room, CSS no longer displays it as a table. */
function rowPart(entry: JournalEntry, steps: readonly Step[], formats: Formats) {
  return html`
    <tr role="row">
      <td role="cell"><time datetime=${entry.at}>${formats.time(entry.at)}</time></td>
      <td role="cell"><bdi>${entry.actor}</bdi></td>
      <td role="cell"><bdi>${whatOf(entry, steps)}</bdi></td>
      <td role="cell">${reasonPart(entry.reason ?? '')}</td>
    </tr>
  `
}

function reasonPart(reason: string) {
  if (!isLong(reason)) return html`<bdi>${reason}</bdi>`
  return html`<bdi class="long">${reason}</bdi>${wholePart(wordsFor(document.documentElement.lang).words)}`
}

function whatOf({ action, step, stepId, from, to }: JournalEntry, steps: readonly Step[]): string {
  const { lang } = document.documentElement
  const words = pageWords.for(lang)
  const { words: statuses } = wordsFor(lang)
  const name = (status: StepStatus) => statuses.step[status]
  const what =
    to !== null && from !== null
      ? words.change(name(from), name(to))
      : to !== null && action === 'status'
        ? name(to)
        : words.action(action)
  const whole = action === 'status' || to === null || from === null ? what : `${words.action(action)} (${what})`
  return step === null ? whole : `${words.of(namesOf(stepId, steps, lang) || step)}${whole}`
}

/** A step's display name, after the names of its ancestors; empty: the step is not known. */
function namesOf(id: number | null, steps: readonly Step[], lang: string): string {
  const step = steps.find((each) => each.id === id)
  if (step === undefined) return ''
  return [namesOf(step.parentId, steps, lang), nameOfStep(step, lang)].filter(Boolean).join(' › ')
}
