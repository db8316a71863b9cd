import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import type { Snapshot, Step } from '../db/contract.ts'
import { ServerClock } from './clock.ts'
import { emit } from './events.ts'
import { lookAt } from './first-look.ts'
import { LateElement } from './late-element.ts'
import { type Branch, currentOf, isWaitingForNextTry, outline } from './outline.ts'
import { footerPart } from './parts/footer.ts'
import { headerPart } from './parts/header.ts'
import { missingPart } from './parts/missing.ts'
import { type Shown, UNTOUCHED } from './parts/shown.ts'
import { skeletonPart } from './parts/skeleton.ts'
import { stepsPart } from './parts/steps.ts'
import { unreachable } from './problem.ts'
import type { RunLife } from './run-life.ts'
import type { GetToken, RunView } from './stream.ts'
import { styles } from './styles.ts'
import { exact, isOf, type Wanted } from './target.ts'
import { VoiceController } from './voice.ts'

/** A run that has waited this long may be waiting for a worker that does not come. */
const LONG_WAIT_MS = 3_000

/** Loaded once, by the first element of a page, at the same time as its run is requested. */
let coming: Promise<typeof import('./run-life.ts')> | null = null
let hasCome = false

function loadLife(): Promise<typeof import('./run-life.ts')> {
  coming ??= import('./run-life.ts').catch((error) => {
    coming = null
    throw error
  })
  return coming
}

/**
 * One run, live: `run-id`, or `workflow` and `run-key` for the newest run under an application's key. The content
 * between its tags is shown until the element is loaded.
 *
 * @tagname stepcast-run
 * @attr {string} lang - BCP 47 tag of the language. Default: the language of what surrounds it.
 *
 * @fires {CustomEvent<StepcastEvents['stepcast-change']>} stepcast-change - The run, its steps or its logs have
 *   changed.
 * @fires {CustomEvent<StepcastEvents['stepcast-end']>} stepcast-end - The run has ended or is gone.
 * @fires {CustomEvent<StepcastEvents['stepcast-error']>} stepcast-error - The server refused for good.
 * @fires {CustomEvent<StepcastEvents['stepcast-cancel-request']>} stepcast-cancel-request - Cancelable: if prevented,
 *   the element sends no request.
 * @fires {CustomEvent<StepcastEvents['stepcast-retry-request']>} stepcast-retry-request - Cancelable: if prevented, the
 *   element sends no request.
 *
 * @slot title - In place of the run's display name.
 * @slot footer - Before the buttons.
 * @slot empty - In place of the notice when there is no run to show.
 *
 * @csspart card - The whole element.
 * @csspart header - Title, progress bar, position and time.
 * @csspart title - The run's display name.
 * @csspart status - The percentage while it runs, else the status in words.
 * @csspart bar - A progress bar, of the run or of a running step.
 * @csspart bar-fill - Its filled part.
 * @csspart meta - Which step, how long, and the connection.
 * @csspart connection - The state of the connection.
 * @csspart steps - The list of steps.
 * @csspart step - A step.
 * @csspart substep - A sub-step.
 * @csspart step-name - The display name of a step or sub-step.
 * @csspart step-time - Duration and number of attempts.
 * @csspart step-message - The message that a step reported.
 * @csspart icon - A status icon; also `icon-` and the status, such as `icon-completed`.
 * @csspart error - Why something failed.
 * @csspart stack - The error's stack, collapsed.
 * @csspart attempts - The attempts of a step.
 * @csspart waterfall - The timeline.
 * @csspart lane - A row of the timeline.
 * @csspart logs - The log with its toolbar.
 * @csspart log - The log lines.
 * @csspart footer - Who started the run, and the buttons.
 * @csspart button - Any button.
 * @csspart button-main - The button that the user most likely wants.
 * @csspart button-danger - The button whose action cannot be undone.
 * @csspart question - The question before a run is cancelled or retried.
 * @csspart refusal - Why the server refused to do it.
 * @csspart notice - Shown in place of a run.
 *
 * @cssprop [--stepcast-log-height=320px] - Height of the log.
 *
 * @cssstate pending - The run is pending. Likewise `running`, `completed`, `failed`, `cancelled`.
 * @cssstate live - The connection is live. Likewise `connecting`, `reconnecting`, `polling`, `closed`.
 * @cssstate asking - A request to cancel or retry is under way.
 */
export class StepcastRun extends LateElement {
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

  /** The run's id. Default: none; `workflow` and `runKey` identify the run. */
  declare runId: string | null
  /** Name of the workflow of the run to show. Default: none. */
  declare workflow: string | null
  /** With `workflow`: the application's own name for the run. */
  declare runKey: string | null
  /** Address of the Stepcast server's mount point. Default: the origin's root. */
  declare src: string
  /** Sent as a bearer token. Default: none. */
  declare token: string | null
  /** Called for a token if there is none, and for a new one when that is no longer accepted. Default: none. */
  declare getToken: GetToken | null
  /**
   * Identifies the user: tabs with the same value share one connection. Empty: the token identifies the user. Default:
   * each tab has its own connection.
   */
  declare share: string | null
  /** Whether the user can open the log. Default false. */
  declare withLogs: boolean
  /** Whether the user can cancel and retry the run. Default false. */
  declare withActions: boolean
  /** Whether the fragment of the page's URL names a place in this run. Default false. */
  declare withLinks: boolean

  /** @internal */
  declare readonly renderRoot: ShadowRoot

  readonly #voice = new VoiceController(this)
  readonly #internals = this.attachInternals()
  readonly #clock = new ServerClock()
  /** null: its code has not loaded yet. */
  #life: RunLife | null = null
  /** What is drawn until the element has received the run itself. */
  #picture: RunView | null = null
  #steps: readonly Step[] = []
  #branches: Branch[] = []
  #shown: Shown | null = null
  /** The server has rendered the element, and it has not been drawn here yet. */
  #isPrerendered = false
  #hasWaitedForMore = false
  /** Whether the code that was last needed could not be loaded. */
  #isMissing = false

  constructor() {
    super()
    this.runId = this.workflow = this.runKey = this.token = this.getToken = this.share = null
    this.src = ''
    this.withLogs = this.withActions = this.withLinks = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#live().catch((error) => {
      this.#imagine('closed')
      this.#lack(true)
      emit(this, 'stepcast-error', { error: unreachable(error) })
    })
  }

  protected override createRenderRoot() {
    this.#isPrerendered = this.shadowRoot !== null
    const root = super.createRenderRoot()
    // Lit would keep what a server has rendered, before its own content.
    this.renderOptions.renderBefore = null
    return root
  }

  /** What a server has rendered stays until the run itself arrives, and is then replaced by what is drawn here. */
  protected override shouldUpdate(): boolean {
    if (!this.#isPrerendered) return super.shouldUpdate()
    const view = this.#view
    if (!view?.heard && !(this.#life && view?.connection.state === 'closed')) return false
    this.renderRoot.replaceChildren()
    this.#isPrerendered = false
    return true
  }

  protected override async prepare(): Promise<void> {
    while (this.#voice.lacksWords) {
      this.#lookFirst()
      await this.#voice.loadWords()
    }
    if (this.#needsMore() && !this.#hasWaitedForMore) {
      this.#hasWaitedForMore = true
      await this.#loadMore()
    }
  }

  protected override willUpdate(changed: PropertyValues): void {
    this.#life?.watched.follow()
    const isOther = this.hasUpdated && ['runId', 'workflow', 'runKey', 'src'].some(changed.has, changed)
    if (isOther || this.#view === this.#life?.watched.view) this.#picture = null
    if (isOther) this.#life?.forget()
    this.#lookFirst()
    this.#shown = this.#look()
    if (this.#shown) this.#life?.attend(this.#shown)
  }

  protected override updated(): void {
    const { states } = this.#internals
    const { run, connection } = this.#view ?? {}
    states.clear()
    if (run) states.add(run.status)
    if (connection) states.add(connection.state)
    if (this.#life?.isAsking) states.add('asking')
    if (this.#needsMore() && !this.#isMissing) this.#loadMore()
  }

  protected override render(): TemplateResult {
    const view = this.#view
    const shown = this.#shown
    const life = this.#life
    return html`
      <section
        part="card"
        class="card is-${view?.connection.state ?? 'connecting'} ${shown?.run.status ?? 'empty'}"
        @keydown=${life?.press}
        @focusin=${life?.moveCursor}
      >
        ${shown ? this.#card(shown) : this.#notice(view)}
        <div class="vh" role="status">${life?.text}</div>
      </section>
    `
  }

  #card(shown: Shown) {
    return html`
      ${headerPart(shown)} ${shown.more?.notice(shown.view, true, shown)} ${shown.more?.aboveSteps(shown)}
      ${this.#life?.timeline(shown) || stepsPart(shown, this.#act)}
      ${this.#life?.log(shown)} ${this.#missing()} ${footerPart(shown, this.#act)}
    `
  }

  #notice(view: RunView | null) {
    const voice = this.#voice.now
    return (
      this.#life?.more?.notice(view, this.#wanted() !== null, voice) ?? [skeletonPart(view, voice), this.#missing()]
    )
  }

  #missing() {
    return this.#isMissing ? missingPart(this.#voice.now) : nothing
  }

  readonly #lack = (isMissing: boolean): void => {
    this.#isMissing = isMissing
    this.requestUpdate()
  }

  #wanted(): Wanted | null {
    const { runId: run, workflow, runKey, src, token, getToken, share } = this
    const key = `${runKey ?? ''}`
    const target = run ? exact({ run }) : workflow && key ? { workflow, key } : null
    const logs = this.withLogs && !!this.#life?.logsOpen
    return target && { target, src: src ?? '', token: token || null, getToken, share, logs }
  }

  /** null: there is nothing to watch, or nothing is known yet. */
  get #view(): RunView | null {
    const view = this.#life?.watched.view ?? null
    if (!this.#picture || view?.heard || view?.run || view?.connection.state === 'closed') return view
    return { ...this.#picture, ...(view && { connection: view.connection }) }
  }

  #lookFirst(): void {
    const wanted = this.#wanted()
    if (wanted && !hasCome) lookAt(wanted, this.#see)
  }

  readonly #see = ({ run, steps, now }: Snapshot): void => {
    const wanted = this.#wanted()
    if (!wanted || !isOf(wanted.target, run)) return
    this.#clock.observe(now)
    this.#imagine('connecting', { run, steps, heard: true })
  }

  #imagine(state: 'connecting' | 'closed', seen?: Pick<RunView, 'run' | 'steps' | 'heard'>): void {
    const connection = { state, since: Date.now(), error: null }
    const nothing = { run: null, steps: [], heard: false, epoch: null, logs: [], ended: null }
    this.#picture = { ...nothing, ...this.#picture, ...seen, connection }
    this.requestUpdate()
  }

  /** null: there is nothing to show except a notice. */
  #look(): Shown | null {
    const view = this.#view
    if (!view?.run || view.ended === 'deleted' || view.ended === 'not-found') return null
    const { withLogs, withActions, withLinks } = this
    const branches = this.#branchesOf(view.steps)
    const current = currentOf(branches, view.run)
    const shown = {
      ...this.#voice.now,
      ...UNTOUCHED,
      clock: this.#now,
      view,
      run: view.run,
      branches,
      current,
      withLogs,
      withActions,
      withLinks,
      cursor: (current?.branch ?? branches[0])?.step.id,
    }
    return this.#life?.touch(shown) ?? shown
  }

  get #now(): ServerClock {
    const watched = this.#life?.watched
    return watched?.view?.run ? watched.clock : this.#clock
  }

  #branchesOf(steps: readonly Step[]): Branch[] {
    if (this.#steps !== steps) this.#branches = outline(steps)
    this.#steps = steps
    return this.#branches
  }

  readonly #act = (what: (life: RunLife) => unknown): Promise<unknown> =>
    this.#live().then(what, () => this.#lack(true))

  async #live(): Promise<RunLife> {
    const { RunLife } = await loadLife()
    hasCome = true
    if (!this.#life) {
      this.#life = new RunLife({
        element: this,
        wanted: () => this.#wanted(),
        shown: () => this.#shown,
        lack: this.#lack,
      })
      this.requestUpdate()
    }
    return this.#life
  }

  /** Whether something has to be shown that a run without any trouble does not need. */
  #needsMore(): boolean {
    if (this.#life?.more) return false
    const view = this.#view
    if (!view) return this.#wanted() === null
    if (!view.run || view.ended === 'deleted') return view.heard || view.connection.state !== 'connecting'
    const { status, createdAt, parkedBy } = view.run
    if (status === 'failed' || status === 'cancelled' || view.connection.state === 'closed' || this.withLinks)
      return true
    if (status === 'pending' && (parkedBy || this.#now.since(createdAt) > LONG_WAIT_MS)) return true
    return view.steps.some((step) => step.attempt > 1 || step.status === 'failed' || isWaitingForNextTry(step))
  }

  #loadMore(): Promise<unknown> {
    return this.#act((life) => life.withMore(() => {}))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'stepcast-run': StepcastRun
  }
}
