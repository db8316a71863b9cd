import { html, nothing, type ReactiveController } from 'lit'
import type { RunningStats, Stats } from '../../db/contract.ts'
import { emit as emitError } from '../events.ts'
import { languageOf, observeLanguage } from '../languages.ts'
import { adopt, adoptAgain } from '../parts/adopt.ts'
import { emit } from './events.ts'
import type { StatsHost } from './host.ts'
import { OpenSteps } from './open-steps.ts'
import { headPart } from './parts/head.ts'
import { histogramPart } from './parts/histogram.ts'
import { emptyPart, errorPart, notesPart, skeletonPart, stalePart } from './parts/notices.ts'
import { runningPart } from './parts/running.ts'
import { failingPart, MOST_SHOWN, type StepName, stepsPart, workflowsPart } from './parts/steps.ts'
import { tilesPart } from './parts/tiles.ts'
import { countsPart, timesPart } from './parts/trend.ts'
import { PERIODS, type Period } from './period.ts'
import { type Asked, type Reading, StatsReader } from './reader.ts'
import { type Speech, speechFor } from './speech.ts'
import { styles } from './styles.ts'
import { loadStatsWords, statsWordsFor } from './words/pick.ts'

/** Everything that `<stepcast-stats>` does and draws once it is in a page. */
export class StatsBody implements ReactiveController {
  readonly #host: StatsHost
  readonly #reader = new StatsReader((fresh) => this.#hear(fresh))
  readonly #observer = new MutationObserver(() => this.#host.requestUpdate())
  /** Whether the reader has asked for all steps. */
  #isUnfolded = false
  readonly #openSteps = new OpenSteps(() => this.#host.requestUpdate())
  readonly #workflows = new Set<string>()
  /** The last text for screen readers. */
  #said = ''
  /** Whether the numbers that are loading are the reader's choice. */
  #isChosen = false
  #isRefused = false

  constructor(host: StatsHost) {
    this.#host = host
    for (const each of styles) adopt(host.renderRoot as ShadowRoot, each)
    host.addController(this)
  }

  hostConnected(): void {
    adoptAgain(this.#host)
    observeLanguage(this.#host, this.#observer)
    this.#host.requestUpdate()
  }

  hostDisconnected(): void {
    this.#observer.disconnect()
    this.#reader.sleep()
    this.#openSteps.sleep()
  }

  hostUpdate(): void {
    if (!this.#host.isConnected) return
    // A new request that is refused too, as with another token, is reported again.
    if (this.#reader.ask(this.#asked)) this.#isRefused = false
  }

  get #asked(): Asked {
    const { src, token, getToken, workflow } = this.#host
    return { src: src ?? '', token, getToken, workflow: workflow || null, period: this.#period }
  }

  render() {
    const speech = this.#speech()
    if (speech === null) return skeletonPart()
    const { reading } = this.#reader
    return html`
      <div class="stats" aria-busy=${reading.busy}>
        ${headPart({
          ...this.#asked,
          workflows: this.#host.withWorkflows ? [...this.#workflows].sort() : null,
          words: speech.words,
          choosePeriod: (period) => this.#choosePeriod(period),
          chooseWorkflow: this.#chooseWorkflow,
        })}
        ${this.#main(reading, speech)}
        <div class="vh" role="status">${this.#said}</div>
      </div>
    `
  }

  #main(reading: Reading, speech: Speech) {
    const { stats, running, error, busy } = reading
    const again = () => {
      // the button goes
      this.#host.renderRoot.querySelector<HTMLElement>('input:checked')?.focus()
      this.#reader.again()
    }
    if (error !== null && (busy || stats === null)) return errorPart(error, speech.words, again)
    if (stats === null || running === null) return skeletonPart()
    const one = Boolean(this.#host.workflow)
    return html`
      ${error === null ? nothing : stalePart(error, reading.heardAt ?? 0, speech, again)} ${tilesPart(stats, running, speech)}
      ${
        stats.total.runs === 0
          ? html`${emptyPart(this.#period, speech.words)} ${runningPart(running, one, speech)}`
          : this.#charts(stats, running, one, speech)
      }
    `
  }

  #charts(stats: Stats, running: RunningStats, one: boolean, speech: Speech) {
    const choose = this.#host.withWorkflows ? this.#chooseWorkflow : null
    const opening = {
      opened: this.#openSteps,
      toggle: (step: StepName) => this.#openSteps.toggle(step, this.#asked, stats),
    }
    return html`
      <div class="cards">
        ${countsPart(stats, speech)} ${timesPart(stats, speech)} ${histogramPart(stats, speech)}
        ${runningPart(running, one, speech)} ${one ? nothing : workflowsPart(stats, speech, choose)}
        ${stepsPart(stats, one, speech, this.#isUnfolded ? null : this.#unfold, opening)} ${failingPart(stats, one, speech)}
      </div>
      ${notesPart(stats, this.#period, speech)}
    `
  }

  /** null: its words are still loading. */
  #speech(): Speech | null {
    const wanted = languageOf(this.#host)
    const spoken = statsWordsFor(wanted)
    if (spoken === null) {
      loadStatsWords(wanted).then(() => this.#host.requestUpdate())
      return null
    }
    return speechFor(spoken.words, spoken.language, wanted)
  }

  /** An unknown period counts as the default. */
  get #period(): Period {
    return PERIODS.find((period) => period === this.#host.period) ?? '7d'
  }

  #hear(fresh: boolean): void {
    const { stats, error } = this.#reader.reading
    for (const { workflow } of stats?.workflows ?? []) this.#workflows.add(workflow)
    if (this.#host.workflow) this.#workflows.add(this.#host.workflow)
    if (fresh && stats !== null) {
      this.#announce(stats.total.runs)
      this.#openSteps.again(this.#asked, stats)
      emit(this.#host, 'stepcast-stats', { stats })
    }
    if (error !== null && !this.#isRefused) emitError(this.#host, 'stepcast-error', { error })
    this.#isRefused = error !== null
    this.#host.requestUpdate()
  }

  /** Announces only what the reader has requested. */
  #announce(runs: number): void {
    const speech = this.#speech()
    if (!this.#isChosen || speech === null) return
    this.#isChosen = false
    this.#said = speech.words.loaded(speech.words.inPeriod[this.#period], runs, speech.formats.number(runs))
  }

  /** The button goes: the focus is on the first step that has come in its place. */
  readonly #unfold = async (): Promise<void> => {
    this.#isUnfolded = true
    this.#host.requestUpdate()
    await this.#host.updateComplete
    this.#host.renderRoot.querySelectorAll<HTMLElement>('.fold')[MOST_SHOWN]?.focus()
  }

  #choosePeriod(period: Period): void {
    this.#isChosen = true
    this.#host.period = period
    emit(this.#host, 'stepcast-period-change', { period })
  }

  readonly #chooseWorkflow = (workflow: string | null): void => {
    this.#isChosen = true
    // the button of the chart of all workflows goes
    this.#host.renderRoot.querySelector('select')?.focus()
    this.#host.workflow = workflow
    emit(this.#host, 'stepcast-workflow-change', { workflow })
  }
}
