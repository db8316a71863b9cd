import { html, nothing } from 'lit'
import type { LogLevel } from '../../db/contract.ts'
import { nameOfStep, type Shown } from '../parts/shown.ts'
import { moreOf } from '../words/more.ts'
import type { MoreWords } from '../words/more-words.ts'
import type { Filter } from './filter.ts'
import type { Panel } from './panel.ts'

export type Loading = 'nothing' | 'earlier' | 'lost'

/** What the toolbar shows and sets. */
export interface Log {
  readonly panel: Panel
  readonly filter: Filter
  readonly query: string
  /** The numbers of the matching lines, among those shown. */
  readonly matches: readonly number[]
  /** The index of the match that is shown. */
  readonly match: number
  readonly wraps: boolean
  readonly loading: Loading
  /** Whether the last download failed. */
  readonly isRefused: boolean
  /** The number of lines shown. */
  readonly count: number
  /** Whether any line belongs to a step. */
  readonly hasSteps: boolean
  /** Whether no line has arrived yet. */
  readonly isEmpty: boolean
  setFilter(filter: Filter): void
  setQuery(query: string): void
  step(by: 1 | -1): void
  toggleWrap(): void
  download(): void
}

/** The log and the toolbar above it. */
export function logPart(log: Log, shown: Shown) {
  const more = moreOf(shown.words)
  const { panel } = log
  panel.element.setAttribute('aria-label', shown.words.logs)
  panel.element.classList.toggle('wraps', log.wraps)
  panel.element.classList.toggle('stepless', !log.hasSteps)
  return html`
    <section class="logs" part="logs" aria-label=${shown.words.logs}>
      <div class="tools">
        ${searchPart(log, shown, more)} ${filtersPart(log, shown, more)}
        <button part="button" aria-pressed=${log.wraps} @click=${() => log.toggleWrap()}>${more.wrap}</button>
        <button part="button" @click=${() => log.download()}>${more.download}</button>
      </div>
      ${notePart(log, shown, more)} ${panel.element}
      ${panel.follows ? nothing : html`<button class="to-end" part="button" @click=${() => panel.follow()}>${more.toEnd}</button>`}
    </section>
  `
}

function searchPart(log: Log, { formats }: Shown, more: MoreWords) {
  const { matches, match, query } = log
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    log.step(event.shiftKey ? -1 : 1)
  }
  const found =
    matches.length === 0 ? more.noMatch : more.matchOf(formats.number(match + 1), formats.number(matches.length))
  return html`
    <span class="search">
      <input
        type="search"
        aria-label=${more.search}
        placeholder=${more.search}
        .value=${query}
        @input=${({ target }: Event) => log.setQuery((target as HTMLInputElement).value)}
        @keydown=${onKey}
      />
      ${
        query === ''
          ? nothing
          : html`
              <span role="status" class="soft">${found}</span>
              <button part="button" aria-label=${more.previousMatch} ?disabled=${matches.length === 0} @click=${() => log.step(-1)}>↑</button>
              <button part="button" aria-label=${more.nextMatch} ?disabled=${matches.length === 0} @click=${() => log.step(1)}>↓</button>
            `
      }
    </span>
  `
}

function filtersPart(log: Log, shown: Shown, more: MoreWords) {
  const { level, step: chosen } = log.filter
  const chosenIn = ({ target }: Event) => (target as HTMLSelectElement).value
  const setLevel = (event: Event) => log.setFilter({ level: chosenIn(event) as LogLevel, step: chosen })
  const setStep = (event: Event) => log.setFilter({ level, step: chosenIn(event) || null })
  return html`
    <select aria-label=${more.level} @change=${setLevel}>
      ${Object.entries(more.levels).map(([name, text]) => html`<option value=${name} .selected=${name === level}>${text}</option>`)}
    </select>
    <select aria-label=${more.fromStep} @change=${setStep}>
      <option value="" .selected=${chosen === null}>${more.allSteps}</option>
      ${shown.branches.map(({ step }) => html`<option value=${step.step} .selected=${step.step === chosen}>${nameOfStep(step, shown.language)}</option>`)}
    </select>
  `
}

function notePart(log: Log, { formats }: Shown, more: MoreWords) {
  const note =
    log.loading === 'earlier'
      ? more.loadingLines
      : log.loading === 'lost'
        ? more.linesLost
        : log.count > 0
          ? more.lines(log.count, formats.number(log.count))
          : log.isEmpty
            ? more.noLogs
            : more.noneFit
  const refusal = log.isRefused ? html`<span role="alert"> · ${more.notSaved}</span>` : nothing
  return html`<p class="soft about">${note}${refusal}</p>`
}
