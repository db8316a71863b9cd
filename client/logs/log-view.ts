import type { LitElement } from 'lit'
import type { LogLine } from '../../db/contract.ts'
import type { RunController } from '../controller.ts'
import { adopt } from '../parts/adopt.ts'
import { nameOfStep, type Shown } from '../parts/shown.ts'
import type { RunView } from '../stream.ts'
import { ALL, type Filter, familyOf, fits, search } from './filter.ts'
import { download, loadLines } from './history.ts'
import { drawLine, type LineStyle } from './line.ts'
import { LogLines } from './lines.ts'
import { Panel } from './panel.ts'
import { logStyles } from './styles.ts'
import { type Loading, type Log, logPart } from './toolbar.ts'

/** The log of a run: earlier lines are loaded, new ones appended; it can be filtered, searched and followed. */
export class LogView implements Log {
  filter: Filter = ALL
  query = ''
  matches: number[] = []
  match = 0
  wraps = true
  loading: Loading = 'nothing'
  isRefused = false
  readonly panel: Panel
  readonly #host: LitElement
  readonly #watched: RunController
  #lines = new LogLines()
  #log = ''
  /** The ids of the steps that the filter selects; null: all steps. */
  #steps: ReadonlySet<number> | null = null
  /** What selected the lines that are shown. */
  #chosenBy = ''
  /** The line named by the address. */
  #chosen: number | null = null
  #hasShownIt = false
  /** null: nothing has been shown yet. */
  #style: LineStyle | null = null
  #abort = new AbortController()
  /** Gaps before this line could not be loaded. */
  #givenUp = 0
  /** The `since` of the connection when it was last checked. */
  #since = 0

  constructor(host: LitElement & { readonly renderRoot: ShadowRoot }, watched: RunController) {
    this.#host = host
    this.#watched = watched
    this.panel = new Panel(
      (line, before) => drawLine(line, before, this.#style as LineStyle),
      () => host.requestUpdate(),
    )
    host.addController({
      hostConnected: () => this.panel.comeBack(),
      hostDisconnected: () => {
        this.#stop()
        this.panel.leave()
      },
    })
    adopt(host.renderRoot, logStyles)
  }

  /** Takes in what is new. */
  update(shown: Shown): void {
    const { view, formats } = shown
    this.#style = this.#styleOf(shown)
    const log = `${view.run?.id} ${view.epoch} ${formats.language}`
    if (log !== this.#log) this.#startAnew(log)
    if (!this.panel.element.isConnected || view.connection.since !== this.#since) this.#hopeAnew(view)
    this.#choose(shown)
    const { length } = this.#lines.all
    const fresh = this.#lines.append(view.logs).filter(this.#fits)
    if (fresh.length > 0) this.panel.append(fresh)
    if (fresh.length > 0 && this.query !== '') this.matches.push(...this.#search(fresh, this.#lastOf(length)))
    if (this.#chosen !== null && !this.#hasShownIt) this.#showChosen(this.#chosen)
    this.#fillGaps()
  }

  part(shown: Shown) {
    return logPart(this, shown)
  }

  get count(): number {
    return this.panel.count
  }

  get hasSteps(): boolean {
    return this.#lines.hasSteps
  }

  get isEmpty(): boolean {
    return this.#lines.all.length === 0
  }

  /** Scrolls to a line as soon as it has arrived. */
  openLine(line: number): void {
    this.#chosen = line
    this.#hasShownIt = false
    this.panel.redraw()
    this.#host.requestUpdate()
  }

  setFilter(filter: Filter): void {
    this.filter = filter
    this.#host.requestUpdate()
  }

  setQuery(query: string): void {
    this.query = query
    this.matches = this.#search(this.#fitting())
    this.match = 0
    this.#toMatch()
  }

  step(by: 1 | -1): void {
    const { length } = this.matches
    this.match = length === 0 ? 0 : (this.match + by + length) % length
    this.#toMatch()
  }

  toggleWrap(): void {
    this.wraps = !this.wraps
    this.#host.requestUpdate()
  }

  async download(): Promise<void> {
    const { endpoint, view } = this.#watched
    if (!endpoint || !view?.run) return
    this.isRefused = await download(endpoint, view.run.id).then(
      () => false,
      () => true,
    )
    this.#host.requestUpdate()
  }

  #startAnew(log: string): void {
    this.#stop()
    this.#log = log
    this.#lines = new LogLines()
    this.#givenUp = 0
  }

  #stop(): void {
    this.#abort.abort()
    this.#abort = new AbortController()
    this.loading = 'nothing'
  }

  /** The log was opened, or the connection has changed since something could not be loaded: it may be tried again. */
  #hopeAnew({ connection }: RunView): void {
    this.#since = connection.since
    this.#givenUp = 0
    this.isRefused = false
    if (this.loading === 'lost') this.loading = 'nothing'
  }

  /** The chosen step may begin sub-steps, and the next run may have other steps under its name, or none. */
  #choose({ branches }: Shown): void {
    const chosen = branches.find(({ step }) => step.step === this.filter.step)
    if (!chosen) this.filter = { ...this.filter, step: null }
    this.#steps = chosen ? new Set(familyOf(chosen)) : null
    const by = [this.#log, ...Object.values(this.filter), this.#steps?.size].join(' ')
    if (by === this.#chosenBy) return
    this.#chosenBy = by
    this.#showAnew()
  }

  async #fillGaps(): Promise<void> {
    const gap = this.#lines.gap(this.#givenUp)
    const { endpoint, view } = this.#watched
    if (gap === null || this.loading === 'earlier' || !endpoint || !view?.run || !this.#host.isConnected) return
    const { signal } = this.#abort
    this.#become('earlier')
    try {
      const lines = await loadLines(endpoint, view.run.id, gap, signal)
      if (signal.aborted) return
      this.#lines.fill(gap, lines)
      this.#givenUp = gap.before - 1
      this.#become('nothing')
      this.#showAnew()
    } catch {
      if (signal.aborted) return
      this.#givenUp = gap.before - 1
      this.#become('lost')
    }
  }

  #become(loading: Loading): void {
    this.loading = loading
    this.#host.requestUpdate()
  }

  /** The last matching line of the first `length` lines; undefined: none matches. */
  #lastOf(length: number): LogLine | undefined {
    return this.#lines.all.slice(0, length).findLast(this.#fits)
  }

  #search(lines: readonly LogLine[], before?: LogLine): number[] {
    return search(lines, this.query, (line) => this.#style?.stepOf(line) ?? '', before)
  }

  readonly #fits = (line: LogLine): boolean => fits(this.filter, this.#steps, line)

  #fitting(): LogLine[] {
    return this.#lines.all.filter(this.#fits)
  }

  #showAnew(): void {
    const lines = this.#fitting()
    this.matches = this.#search(lines)
    this.match = Math.min(this.match, Math.max(0, this.matches.length - 1))
    this.panel.replace(lines)
    this.#host.requestUpdate()
  }

  #toMatch(): void {
    this.panel.redraw()
    const line = this.matches[this.match]
    if (line !== undefined) this.panel.show(line)
    this.#host.requestUpdate()
  }

  #showChosen(line: number): void {
    if (!this.#lines.all.some((each) => each.line === line)) return
    this.#hasShownIt = true
    this.panel.show(line)
  }

  #styleOf({ formats, withLinks, language, view }: Shown): LineStyle {
    let names: Map<number | null, string> | undefined
    return {
      formats,
      withLinks,
      query: () => this.query,
      stepOf: ({ stepId }) => {
        names ??= new Map(view.steps.map((step) => [step.id, nameOfStep(step, language)]))
        return names.get(stepId) ?? ''
      },
      isChosen: (line) => line === (this.matches[this.match] ?? this.#chosen),
    }
  }
}
