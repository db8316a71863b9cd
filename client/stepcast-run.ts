import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { Step } from '../db/contract.ts'
import { Announcer } from './announcer.ts'
import { RunController, type Wanted } from './controller.ts'
import { emitChanges } from './events.ts'
import { nextFrame } from './frame.ts'
import type { LogView } from './logs/log-view.ts'
import { milestoneOf } from './milestones.ts'
import type { MoreParts } from './more/more.ts'
import { type Branch, currentOf, isWaitingForNextTry, outline } from './outline.ts'
import { adopt } from './parts/adopt.ts'
import { footerPart } from './parts/footer.ts'
import { headerPart } from './parts/header.ts'
import { missingPart } from './parts/missing.ts'
import type { Doings, More, Shown } from './parts/shown.ts'
import { skeletonPart } from './parts/skeleton.ts'
import { stepsPart } from './parts/steps.ts'
import type { GetToken, RunView } from './stream.ts'
import { styles } from './styles.ts'
import type { Target } from './target.ts'
import { VoiceController } from './voice.ts'

/** A run that has waited for so long may wait for a worker that does not come. */
const LONG_WAIT_MS = 3_000

/**
 * One run, live: `run-id`, or `workflow` and `run-key` for the newest run under an application's key. What stands between its
 * tags is shown until the element is there.
 *
 * @tagname stepcast-run
 * @attr {string} lang - BCP 47 tag of the language. Default: that of what is around it.
 *
 * @fires {CustomEvent<StepcastEvents['stepcast-change']>} stepcast-change - The run, its steps or its logs have changed.
 * @fires {CustomEvent<StepcastEvents['stepcast-end']>} stepcast-end - It is over, or gone.
 * @fires {CustomEvent<StepcastEvents['stepcast-error']>} stepcast-error - The server refused, for good.
 * @fires {CustomEvent<StepcastEvents['stepcast-cancel-request']>} stepcast-cancel-request - Cancelable: prevent it, and the element asks no server.
 * @fires {CustomEvent<StepcastEvents['stepcast-retry-request']>} stepcast-retry-request - Cancelable: prevent it, and the element asks no server.
 *
 * @slot title - In place of the run's display name.
 * @slot footer - Before the buttons.
 * @slot empty - In place of the notice where there is no run to be shown.
 *
 * @csspart card - The whole.
 * @csspart header - Title, bar, place and time.
 * @csspart title - The run's display name.
 * @csspart status - Percent while it runs, else the status in words.
 * @csspart bar - A bar, of the run or of a running step.
 * @csspart bar-fill - Its filled part.
 * @csspart meta - Which step, how long, the connection.
 * @csspart connection - The connection's state.
 * @csspart steps - The list.
 * @csspart step - A step.
 * @csspart substep - A sub-step.
 * @csspart step-name - The display name of either.
 * @csspart step-time - How long, how often.
 * @csspart step-message - What a step says of itself.
 * @csspart icon - A mark; `icon-completed` and the like name which.
 * @csspart error - Why something failed.
 * @csspart stack - Its stack, folded.
 * @csspart attempts - The tries of a step.
 * @csspart waterfall - The timeline.
 * @csspart lane - A row of the timeline.
 * @csspart logs - The log with its tools.
 * @csspart log - The lines.
 * @csspart footer - Who started it, and the buttons.
 * @csspart button - Any button.
 * @csspart button-main - The one that a reader most likely wants.
 * @csspart button-danger - The one that cannot be undone.
 * @csspart question - The question before a run is cancelled or retried.
 * @csspart refusal - Why the server did not do it.
 * @csspart notice - What stands in place of a run.
 *
 * @cssprop [--stepcast-log-height=320px] - Height of the log.
 *
 * @cssstate pending - The run waits. So `running`, `completed`, `failed`, `cancelled`.
 * @cssstate live - The connection is. So `connecting`, `reconnecting`, `polling`, `closed`.
 * @cssstate asking - A request to cancel or retry is under way.
 */
export class StepcastRun extends LitElement {
  static override properties = {
    runId: { attribute: 'run-id' },
    workflow: {},
    runKey: { attribute: 'run-key' },
    src: {},
    token: {},
    getToken: { attribute: false },
    share: {},
    withLogs: { type: Boolean, attribute: 'with-logs' },
    withActions: { type: Boolean, attribute: 'with-actions' },
    withLinks: { type: Boolean, attribute: 'with-links' },
  }
  static override styles = styles

  /** The run's id. Default: none, it is named by `workflow` and `runKey`. */
  declare runId: string | null
  /** Name of the workflow of the run to show. Default: none. */
  declare workflow: string | null
  /** With `workflow`: the application's own name for the run. */
  declare runKey: string | null
  /** Address of the Stepcast server's mount point. Default: the origin's root. */
  declare src: string
  /** Sent as a bearer token. Default: none. */
  declare token: string | null
  /** Asked for a token where there is none, and for a new one when it is not accepted any more. Default: none. */
  declare getToken: GetToken | null
  /** Who watches: tabs that say the same share one connection. Empty: the token says it. Default: each tab has its own. */
  declare share: string | null
  /** Whether the reader can open the log. Default false. */
  declare withLogs: boolean
  /** Whether the reader can cancel and retry. Default false. */
  declare withActions: boolean
  /** Whether the fragment of the page's address names a place in this run. Default false. */
  declare withLinks: boolean

  /** @internal */
  declare readonly renderRoot: ShadowRoot

  readonly #watched = new RunController(
    this,
    () => this.#wanted(),
    (now, before) => this.#tell(now, before),
  )
  readonly #voice = new VoiceController(this)
  readonly #announcer = new Announcer(this)
  readonly #internals = this.attachInternals()
  #folds: ReadonlyMap<number, boolean> = new Map()
  #setting: unknown[] = []
  #outline: { of: readonly Step[] | null; branches: Branch[] } = { of: null, branches: [] }
  #shown: Shown | null = null
  /** The step whose row had the focus last. */
  #cursor: number | undefined
  #logsOpen = false
  #waterfallOpen = false
  // Each null until it is first needed, which is when its code is loaded.
  #more: MoreParts | null = null
  #log: LogView | null = null
  /** The server has drawn it, and it was not drawn here yet. */
  #isPrerendered = false
  #drawWaterfall: ((shown: Shown) => unknown) | null = null
  #hasWaitedForMore = false
  /** Whether something was needed last that could not be loaded. */
  #isMissing = false
  /** The fragment that was followed last. */
  #place = ''

  constructor() {
    super()
    this.runId = this.workflow = this.runKey = this.token = this.getToken = this.share = null
    this.src = ''
    this.withLogs = this.withActions = this.withLinks = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    addEventListener('hashchange', this.#followAddress)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener('hashchange', this.#followAddress)
  }

  protected override createRenderRoot() {
    this.#isPrerendered = this.shadowRoot !== null
    const root = super.createRenderRoot()
    // Lit would leave before its own what a server has drawn.
    this.renderOptions.renderBefore = null
    return root
  }

  /** What a server has drawn stays until the run itself is heard of, and goes as the same is drawn here. */
  protected override shouldUpdate(): boolean {
    if (!this.#isPrerendered) return true
    const { view } = this.#watched
    if (!view?.heard && view?.connection.state !== 'closed') return false
    this.renderRoot.replaceChildren()
    this.#isPrerendered = false
    return true
  }

  /** Many changes between two frames are drawn once, and nothing before there are words and parts for it. */
  protected override async scheduleUpdate(): Promise<void> {
    if (this.hasUpdated) await nextFrame()
    while (this.#voice.lacksWords) await this.#voice.loadWords()
    if (this.#needsMore() && !this.#hasWaitedForMore) {
      this.#hasWaitedForMore = true
      await this.#withMore(() => {})
    }
    super.scheduleUpdate()
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('runId') || changed.has('runKey') || changed.has('workflow')) this.#forgetRun()
    this.#shown = this.#look()
    if (this.#shown?.logsOpen) this.#log?.update(this.#shown)
    if (this.#shown) this.#announcer.tell(milestoneOf(this.#shown))
  }

  protected override updated(): void {
    const { states } = this.#internals
    const { run, connection } = this.#watched.view ?? {}
    states.clear()
    if (run) states.add(run.status)
    if (connection) states.add(connection.state)
    if (this.#more?.asking.state === 'pending') states.add('asking')
    if (this.#needsMore() && !this.#isMissing) this.#withMore(() => {})
    this.#followAddress()
  }

  protected override render(): TemplateResult {
    const { view } = this.#watched
    const shown = this.#shown
    return html`
      <section
        part="card"
        class="card is-${view?.connection.state ?? 'connecting'} ${shown?.run.status ?? 'empty'}"
        @keydown=${this.#press}
        @focusin=${this.#moveCursor}
      >
        ${shown ? this.#card(shown) : this.#notice(view)}
        <div class="vh" role="status">${this.#announcer.text}</div>
      </section>
    `
  }

  #card(shown: Shown) {
    return html`
      ${headerPart(shown)} ${shown.more?.aboveSteps(shown)}
      ${(shown.waterfallOpen && this.#drawWaterfall?.(shown)) || stepsPart(shown, this.#doings)}
      ${shown.logsOpen ? this.#log?.part(shown) : nothing} ${this.#missing()} ${footerPart(shown, this.#doings)}
    `
  }

  #notice(view: RunView | null) {
    const { now } = this.#voice
    return this.#more?.notice(view, this.#wanted() !== null, now) ?? [skeletonPart(view, now), this.#missing()]
  }

  #missing() {
    return this.#isMissing ? missingPart(this.#voice.now) : nothing
  }

  #wanted(): Wanted | null {
    const { src, token, getToken, share } = this
    const target: Target | null = this.runId
      ? { run: this.runId }
      : this.workflow && this.runKey
        ? { workflow: this.workflow, key: this.runKey }
        : null
    return target && { target, src: src ?? '', token, getToken, share, logs: this.withLogs && this.#logsOpen }
  }

  /** null: there is nothing to be shown but a notice. */
  #look(): Shown | null {
    const { view, clock } = this.#watched
    if (!view?.run || view.ended === 'deleted' || view.ended === 'not-found') return null
    const { withLogs, withActions, withLinks } = this
    const branches = this.#branchesOf(view.steps)
    const current = currentOf(branches, view.run)
    return {
      ...this.#voice.now,
      clock,
      view,
      run: view.run,
      branches,
      current,
      withLogs,
      withActions,
      withLinks,
      logsOpen: withLogs && this.#logsOpen,
      waterfallOpen: this.#waterfallOpen,
      cursor: this.#cursor ?? (current?.branch ?? branches[0])?.step.id,
      more: this.#more,
      setting: this.#settingOf(view.run.status),
      isOpen: (branch) => this.#isOpen(branch),
    }
  }

  #branchesOf(steps: readonly Step[]): Branch[] {
    if (this.#outline.of !== steps) this.#outline = { of: steps, branches: outline(steps) }
    return this.#outline.branches
  }

  #settingOf(status: string): object {
    const { words, language } = this.#voice.now
    const { withActions, withLinks } = this
    const now = [status, words, language, withActions, withLinks, this.#folds, this.#more, ...(this.#more?.marks ?? [])]
    const isSame = now.length === this.#setting.length && now.every((each, index) => each === this.#setting[index])
    if (!isSame) this.#setting = now
    return this.#setting
  }

  /** What runs or failed is open, what is done folds, and the reader's choice sticks. */
  #isOpen({ step }: Branch): boolean {
    return this.#folds.get(step.id) ?? (step.status === 'running' || step.status === 'failed')
  }

  readonly #doings: Doings = {
    toggle: (step, open) => this.#change(() => (this.#folds = new Map(this.#folds).set(step, open))),
    toggleLogs: () => this.#openLogs(!this.#logsOpen),
    toggleWaterfall: () => this.#toggleWaterfall(),
    withMore: (what) => this.#withMore(what),
  }

  #change(how: () => void): void {
    how()
    this.requestUpdate()
  }

  /** Whether there is something to be shown that a run which simply runs does not need. */
  #needsMore(): boolean {
    if (this.#more) return false
    const { view, clock } = this.#watched
    if (!view?.run || view.ended === 'deleted')
      return this.#wanted() === null || (view !== null && (view.heard || view.connection.state !== 'connecting'))
    const { status, createdAt } = view.run
    if (status === 'failed' || status === 'cancelled' || this.withLinks) return true
    if (status === 'pending' && clock.since(createdAt) > LONG_WAIT_MS) return true
    return view.steps.some((step) => step.attempt > 1 || step.status === 'failed' || isWaitingForNextTry(step))
  }

  async #loadMore(): Promise<MoreParts> {
    const { MoreParts } = await import('./more/more.ts')
    this.#more ??= new MoreParts({
      element: this,
      watched: this.#watched,
      doings: this.#doings,
      shown: () => this.#shown,
      openLine: (line) => this.#openLogs(true, line),
    })
    this.requestUpdate()
    return this.#more
  }

  #withMore(what: (more: More) => void): Promise<void> {
    return this.#with(this.#loadMore(), what)
  }

  #openLogs(open: boolean, line?: number): Promise<void> {
    return this.#with(import('./logs/log-view.ts'), ({ LogView }) => {
      this.#log ??= new LogView(this, this.#watched)
      if (line !== undefined) this.#log.openLine(line)
      this.#logsOpen = open
    })
  }

  #toggleWaterfall(): Promise<void> {
    const parts = Promise.all([import('./waterfall/waterfall.ts'), this.#loadMore()])
    return this.#with(parts, ([{ waterfallPart, waterfallStyles }]) => {
      adopt(this.renderRoot, waterfallStyles)
      this.#drawWaterfall = waterfallPart
      this.#waterfallOpen = !this.#waterfallOpen
    })
  }

  /** Does something with what is loaded for it; the reader is told where that cannot be had, and all else goes on. */
  async #with<Part>(part: Promise<Part>, what: (part: Part) => unknown): Promise<void> {
    this.#isMissing = (await part.then(what, () => true)) === true
    this.requestUpdate()
  }

  readonly #followAddress = (): void => {
    const { hash } = location
    if (!this.withLinks || !this.#more || !this.#shown || hash === this.#place) return
    this.#place = hash
    this.#more.openPlace(hash)
  }

  readonly #moveCursor = ({ target }: FocusEvent): void => {
    const row = (target as Element).closest('li.step')
    if (row?.id) this.#change(() => (this.#cursor = Number(row.id.slice(1))))
  }

  /** Keys for whoever has the focus inside, and not where one writes or scrolls. */
  readonly #press = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input, select, summary, pre, .log')) return
    const row = target.closest<HTMLElement>('li.step')
    const walks = row !== null && /^(Arrow|Home|End)/.test(event.key)
    if (!walks && event.key !== 'n' && event.key !== 'p') return
    event.preventDefault()
    this.#withMore((more) => more.press(event.key, row))
  }

  #tell(now: RunView, before: RunView | null): void {
    if (before?.run && now.run?.id !== before.run.id) this.#forgetRun()
    emitChanges(this, now, before)
  }

  #forgetRun(): void {
    this.#folds = new Map()
    this.#cursor = undefined
    this.#more?.forget()
    this.#announcer.forget()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'stepcast-run': StepcastRun
  }
}
