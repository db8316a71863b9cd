import { html, nothing, type PropertyValues, type ReactiveController } from 'lit'
import type { ListedRun } from '../../db/contract.ts'
import { Announcer } from '../announcer.ts'
import { emit } from '../events.ts'
import { languageOf } from '../languages.ts'
import { adopt, adoptAgain } from '../parts/adopt.ts'
import type { VoiceController } from '../voice.ts'
import { type Choice, readAddress, writeAddress } from './address.ts'
import { filterPart } from './bar.ts'
import { Bulk } from './bulk.ts'
import { bulkPart } from './bulk-part.ts'
import { Deletions } from './deletions.ts'
import { emptyPart } from './empty.ts'
import { Feed } from './feed.ts'
import { ANY, type RunsFilter, readStatuses, unknownIn } from './filter.ts'
import { Focus } from './focus.ts'
import type { RunsHost } from './host.ts'
import { onKey } from './keys.ts'
import { Places } from './places.ts'
import { Reader } from './reader.ts'
import { deletedPart, deletedText, headPart, olderPart, rowsPart } from './rows.ts'
import type { RunsDoings, ShownRuns } from './shown.ts'
import { styles } from './styles.ts'
import { runsWords } from './words/pick.ts'
import { readWorkflows } from './workflows.ts'

/** Letters typed within this time of each other make one search. */
const TYPING_MS = 200

/** What a `<stepcast-runs>` shows and does. */
export class RunsList implements ReactiveController {
  readonly #host: RunsHost
  readonly #voice: VoiceController
  readonly #feed: Feed
  readonly #places = new Places()
  readonly #reader: Reader
  readonly #bulk: Bulk
  readonly #announcer: Announcer
  readonly #deletions: Deletions
  readonly #selected = new Set<string>()
  #filter: RunsFilter = ANY
  /** The text given for the statuses if it contains no known status; '': it is valid. */
  #unknown = ''
  /** The filter as typed, shortly before it is searched for; a space at its end may be followed by more. */
  #typed: RunsFilter = ANY
  #typing: ReturnType<typeof setTimeout> | undefined
  /** Searches for what was typed; null: nothing waits to be searched for. */
  #search: (() => void) | null = null
  #isGrouped = false
  /** null: not known. */
  #workflows: ShownRuns['workflows'] | null = null
  /** The endpoint that they were read from; null: none yet. */
  #workflowsOf: unknown = null
  /** The connection's `since` when they were last requested. */
  #askedSince: number | undefined
  #isAsking = false
  #shown: ShownRuns | null = null
  #error: unknown = null

  constructor(host: RunsHost, voice: VoiceController) {
    this.#host = host
    this.#voice = voice
    const { filter, unknown, isGrouped } = this.#chosen()
    this.#filter = this.#typed = filter
    this.#unknown = unknown
    this.#isGrouped = isGrouped
    this.#reader = new Reader(host)
    this.#bulk = new Bulk(host)
    this.#announcer = new Announcer(host)
    this.#deletions = new Deletions(host)
    new Focus(host)
    this.#feed = new Feed(host, () => {
      const { limit, src, token, getToken, share } = host
      return { filter: this.#filter, isNone: this.#unknown !== '', limit, src: src ?? '', token, getToken, share }
    })
    host.addController(this)
  }

  get lacksWords(): boolean {
    return !runsWords.has(languageOf(this.#host))
  }

  loadWords(): Promise<void> {
    return runsWords.load(languageOf(this.#host))
  }

  hostConnected(): void {
    adoptAgain(this.#host)
    adopt(this.#host.renderRoot as ShadowRoot, styles)
    addEventListener('popstate', this.#readAddress)
    // it was moved while the reader typed
    if (this.#search) this.#typing = setTimeout(this.#search, TYPING_MS)
  }

  hostDisconnected(): void {
    removeEventListener('popstate', this.#readAddress)
    clearTimeout(this.#typing)
  }

  /** To be called before each drawing. */
  look(changed: PropertyValues): void {
    const isOther = ['workflow', 'status', 'runKey', 'q', 'withAddress'].some((name) => changed.has(name))
    if (isOther) this.#become(this.#chosen())
    if (changed.has('groupBy')) this.#isGrouped = this.#chosen().isGrouped
    this.#feed.follow()
    const { view, runs } = this.#feed
    if (view?.heard) {
      this.#places.show(runs, this.#reader.reads, view.deleted)
      this.#deletions.take(view.deleted)
      this.#deselectGone()
    } else this.#places.forget()
    this.#shown = this.#look()
    const { own, formats, waiting } = this.#shown
    const news = [waiting > 0 ? own.newRuns(waiting, formats.number(waiting)) : '', deletedText(this.#shown)]
    this.#announcer.tell({ text: news.filter(Boolean).join(' · '), isEnd: false })
    this.#tellError()
    if (this.#host.withFilters && this.#workflowsOf !== this.#feed.endpoint) this.#readWorkflows()
  }

  render() {
    const shown = this.#shown
    if (shown === null) return nothing
    const state = shown.view?.connection.state ?? 'connecting'
    return html`
      <section part="list" class="all is-${state}" aria-label=${shown.own.label} @keydown=${this.#onKey}>
        ${shown.withFilters ? filterPart(shown, this.#doings) : nothing}
        <div class="card ${shown.withActions ? 'picks' : ''}" part="card">
          <div id="rows" @pointerenter=${this.#reader.enter} @pointerleave=${this.#reader.leave} @focusin=${this.#reader.focus} @focusout=${this.#reader.blur}>
            ${headPart(shown, this.#doings)}
            ${shown.places.length > 0 ? rowsPart(shown, this.#doings) : emptyPart(shown, this.#doings)}
          </div>
          ${deletedPart(shown)} ${olderPart(shown, this.#doings)} ${bulkPart(shown, this.#doings)}
        </div>
        <div class="vh" role="status">${this.#announcer.text}</div>
      </section>
    `
  }

  #look(): ShownRuns {
    const { withFilters, withActions } = this.#host
    const { view, refusal, pages, hasOlder, clock, endpoint } = this.#feed
    const places = refusal === null ? this.#places.all : []
    return {
      ...this.#voice.now,
      own: runsWords.for(this.#voice.now.language),
      clock,
      view,
      refusal,
      src: endpoint?.src ?? '',
      filter: this.#typed,
      unknown: this.#unknown,
      places,
      waiting: this.#places.waiting,
      deleted: this.#deletions.latest,
      isGrouped: this.#isGrouped,
      pages,
      hasOlder,
      workflows: this.#workflows ?? [],
      withFilters,
      withActions,
      selected: this.#selected,
      bulk: this.#bulk.follow({ places, selected: this.#selected }),
      hrefOf: (run) => this.#hrefOf(run),
    }
  }

  readonly #doings: RunsDoings = {
    filter: (changes, isTyped = false) => this.#choose({ ...this.#typed, ...changes }, isTyped),
    group: (isGrouped) => this.#group(isGrouped),
    letIn: () => this.#letIn(),
    older: () => this.#feed.older(),
    readAgain: () => this.#feed.readAgain(),
    reconnect: () => this.#feed.reconnect(),
    open: (event, run) => {
      const isElsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey
      if (!isElsewhere && !emit(this.#host, 'stepcast-open', { run }, true)) event.preventDefault()
    },
    select: (run, isSelected) => this.#select([run], isSelected),
    selectAll: (isSelected) =>
      this.#select(isSelected ? this.#places.all.map(({ run }) => run.id) : [...this.#selected], isSelected),
    ask: (type) => this.#bulk.ask(type),
    go: () => this.#go(),
    dismiss: () => this.#bulk.dismiss(),
  }

  /** The choice that the attributes make. */
  #asked(): Choice {
    const { workflow, status, runKey, q, groupBy } = this.#host
    const said = {
      workflow: workflow ?? '',
      statuses: readStatuses(status ?? ''),
      key: `${runKey ?? ''}`,
      q: `${q ?? ''}`,
    }
    return { filter: said, unknown: unknownIn(status ?? ''), isGrouped: groupBy === 'status' }
  }

  /** The choice of the attributes, and of the address if it is used. */
  #chosen(): Choice {
    return this.#host.withAddress ? readAddress(this.#asked()) : this.#asked()
  }

  /** The choice as it is now. */
  get #choice(): Choice {
    return { filter: this.#filter, unknown: this.#unknown, isGrouped: this.#isGrouped }
  }

  readonly #readAddress = (): void => {
    if (!this.#host.withAddress) return
    const chosen = this.#chosen()
    // also told when a link within the page is followed
    if (JSON.stringify(chosen) === JSON.stringify(this.#choice)) return
    this.#isGrouped = chosen.isGrouped
    this.#become(chosen)
  }

  #choose(filter: RunsFilter, isTyped: boolean): void {
    clearTimeout(this.#typing)
    this.#typed = filter
    this.#search = () => {
      this.#become({ filter: { ...filter, q: filter.q.trim() }, unknown: '' }, filter)
      this.#tellAddress(isTyped)
      emit(this.#host, 'stepcast-filter', this.#filter)
    }
    if (isTyped) this.#typing = setTimeout(this.#search, TYPING_MS)
    else this.#search()
    this.#host.requestUpdate()
  }

  #tellAddress(isTyped: boolean): void {
    if (this.#host.withAddress) writeAddress(this.#choice, this.#asked(), isTyped)
  }

  #become({ filter, unknown }: Pick<Choice, 'filter' | 'unknown'>, typed = filter): void {
    // what waits to be searched for is of the choice before
    clearTimeout(this.#typing)
    this.#search = null
    this.#filter = filter
    this.#typed = typed
    this.#unknown = unknown
    this.#deletions.forget()
    this.#selected.clear()
    this.#host.requestUpdate()
  }

  #group(isGrouped: boolean): void {
    this.#isGrouped = isGrouped
    this.#tellAddress(false)
    this.#places.show(this.#feed.runs, false)
    emit(this.#host, 'stepcast-filter', this.#filter)
    this.#host.requestUpdate()
  }

  async #letIn(): Promise<void> {
    this.#places.show(this.#feed.runs, false)
    this.#host.requestUpdate()
    await this.#host.updateComplete
    this.#host.renderRoot.querySelector<HTMLElement>('.row a')?.focus()
  }

  #select(runs: readonly string[], isSelected: boolean): void {
    for (const run of runs) {
      if (isSelected) this.#selected.add(run)
      else this.#selected.delete(run)
    }
    this.#host.requestUpdate()
  }

  /** Runs that are no longer shown, or may not be acted on, cannot be deselected. */
  #deselectGone(): void {
    const shown = this.#host.withActions ? this.#places.all.map(({ run }) => run.id) : []
    for (const id of this.#selected) if (!shown.includes(id)) this.#selected.delete(id)
  }

  async #go(): Promise<void> {
    const { endpoint } = this.#feed
    if (endpoint && this.#shown) await this.#bulk.go(endpoint, this.#shown)
    this.#selected.clear()
    this.#host.requestUpdate()
  }

  #hrefOf({ id, workflow, key }: ListedRun): string {
    const { href, src } = this.#host
    const own: Record<string, string> = { id, workflow, key: key ?? '' }
    const template = href ?? `${(src ?? '').replace(/\/+$/, '')}/runs/:id/view`
    return template.replace(/:(id|workflow|key)\b/g, (_, name: string) => encodeURIComponent(own[name] ?? ''))
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    onKey(event, this.#host.renderRoot, () => this.#leave())
  }

  /** Returns whether there was anything to leave. */
  #leave(): boolean {
    const { state } = this.#bulk.now
    if (state === 'confirming' || state === 'over') this.#bulk.dismiss()
    else if (this.#typed.q !== '') this.#choose({ ...this.#typed, q: '' }, false)
    else if (this.#selected.size > 0) this.#select([...this.#selected], false)
    else return false
    return true
  }

  #tellError(): void {
    const error = this.#feed.refusal
    if (error && error !== this.#error) emit(this.#host, 'stepcast-error', { error })
    this.#error = error
  }

  /**
   * Reads them again from another server, as another user, or when the connection has changed: what failed may work
   * now.
   */
  async #readWorkflows(): Promise<void> {
    const { endpoint, view } = this.#feed
    const since = view?.connection.since
    if (endpoint === null || this.#isAsking || since === this.#askedSince) return
    this.#askedSince = since
    this.#isAsking = true
    this.#workflows = await readWorkflows(endpoint)
    this.#workflowsOf = this.#workflows && endpoint
    this.#isAsking = false
    this.#host.requestUpdate()
  }
}
