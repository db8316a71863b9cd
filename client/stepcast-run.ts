import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { Announcer } from './announcer.ts'
import { copy } from './clipboard.ts'
import { RunController, type Wanted } from './controller.ts'
import { emitChanges } from './events.ts'
import { milestoneOf } from './milestones.ts'
import { Operator } from './operator.ts'
import { type Branch, currentOf, outline } from './outline.ts'
import { emptyPart } from './parts/empty.ts'
import { runFailurePart } from './parts/failure.ts'
import { footerPart } from './parts/footer.ts'
import { headerPart } from './parts/header.ts'
import type { LogView } from './parts/logs.ts'
import type { Doings, Shown } from './parts/shown.ts'
import { stepsPart } from './parts/steps.ts'
import type { GetToken, RunView } from './stream.ts'
import { styles } from './styles.ts'
import type { Target } from './target.ts'
import { VoiceController } from './voice.ts'

/** For so long a button says that it copied. */
const COPIED_MS = 2_000

/**
 * One run, live: `run-id`, or `workflow` and `run-key` for the newest run under an application's key. What
 * stands inside it is seen until the elements are defined.
 *
 * @tagname stepcast-run
 * @attr {string} lang - Language of the texts. Default: that of the place where it stands.
 * @fires {CustomEvent<StepcastEvents['stepcast-change']>} stepcast-change - The run, its steps or its logs have changed.
 * @fires {CustomEvent<StepcastEvents['stepcast-end']>} stepcast-end - It is over, or gone.
 * @fires {CustomEvent<StepcastEvents['stepcast-error']>} stepcast-error - The server refused, for good.
 * @fires {CustomEvent<StepcastEvents['stepcast-cancel-request']>} stepcast-cancel-request - Cancelable: the reader wants it cancelled.
 * @fires {CustomEvent<StepcastEvents['stepcast-retry-request']>} stepcast-retry-request - Cancelable: the reader wants it retried.
 * @csspart card - All of it.
 * @csspart header - Title, status and progress.
 * @csspart title - The run's name.
 * @csspart status - Its status, in a word.
 * @csspart connection - How it hears of the run: live, reconnecting, polling.
 * @csspart meta - Current step, time left, time taken.
 * @csspart bar - A track of progress.
 * @csspart bar-fill - What of it is done.
 * @csspart icon - A status as a mark; also `icon-` and the status.
 * @csspart steps - The list of steps.
 * @csspart step - A step with all that belongs to it.
 * @csspart substep - The same of a sub-step.
 * @csspart step-name - The name of either.
 * @csspart step-message - What a step says of itself.
 * @csspart step-time - How long it took, or when the next attempt is.
 * @csspart error - What went wrong.
 * @csspart stack - Where, and what caused it.
 * @csspart log - The lines of the log.
 * @csspart footer - Who started it, and the buttons.
 * @csspart refusal - Why the server did not cancel or retry.
 * @csspart notice - Shown where there is no run.
 * @csspart button - Every button.
 * @csspart button-main - The one that a reader most likely wants.
 * @csspart button-danger - The one that cannot be undone.
 * @cssprop [--stepcast-log-height=240px] - Height of the log panel.
 * @cssstate pending - The run's status; also running, completed, failed and cancelled.
 * @cssstate live - The connection's state; also connecting, reconnecting, polling and closed.
 */
export class StepcastRun extends LitElement {
  static override properties = {
    runId: { attribute: 'run-id' },
    workflow: {},
    runKey: { attribute: 'run-key' },
    src: {},
    token: {},
    getToken: { attribute: false },
    withLogs: { type: Boolean, attribute: 'with-logs' },
    withActions: { type: Boolean, attribute: 'with-actions' },
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
  /** Whether the reader can open the log. Default false. */
  declare withLogs: boolean
  /** Whether the reader can cancel and retry. Default false. */
  declare withActions: boolean

  readonly #watched = new RunController(
    this,
    () => this.#wanted(),
    (now, before) => this.#tell(now, before),
  )
  readonly #voice = new VoiceController(this)
  readonly #operator = new Operator(this, this.#watched)
  readonly #announcer = new Announcer(this)
  readonly #internals = this.attachInternals()
  readonly #folds = new Map<number, boolean>()
  #shown: Shown | null = null
  #logsOpen = false
  /** null: never opened, so its code was not loaded. */
  #log: LogView | null = null
  #copied: number | null = null
  /** The server has drawn it, and it was not drawn here yet. */
  #isPrerendered = false
  #forgetCopy: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    this.runId = this.workflow = this.runKey = this.token = this.getToken = null
    this.src = ''
    this.withLogs = this.withActions = false
  }

  static override get observedAttributes(): string[] {
    // biome-ignore lint/complexity/noThisInStatic: Lit collects the attributes of the class that asks
    return [...super.observedAttributes, 'lang']
  }

  override attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    super.attributeChangedCallback(name, before, now)
    if (name === 'lang') this.#voice.forget()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#forgetCopy)
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

  /** Many changes between two frames are drawn once, and nothing before there are words for it. */
  protected override async scheduleUpdate(): Promise<void> {
    if (this.hasUpdated && !document.hidden) await new Promise(requestAnimationFrame)
    while (this.#voice.lacksWords) await this.#voice.loadWords()
    super.scheduleUpdate()
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('runId') || changed.has('runKey') || changed.has('workflow')) this.#forgetRun()
    this.#shown = this.#look()
    if (this.#shown?.logsOpen) this.#log?.show(this.#shown)
    if (this.#shown) this.#announcer.tell(milestoneOf(this.#shown))
  }

  protected override updated(): void {
    const { states } = this.#internals
    const { run, connection } = this.#watched.view ?? {}
    states.clear()
    if (run) states.add(run.status)
    if (connection) states.add(connection.state)
  }

  protected override render(): TemplateResult {
    const { view } = this.#watched
    const shown = this.#shown
    return html`
      <section part="card" class="card is-${view?.connection.state ?? 'connecting'} ${shown?.run.status ?? 'empty'}">
        ${
          shown
            ? this.#card(shown)
            : emptyPart(view, this.#wanted() !== null, this.#voice.now, () => this.#watched.reconnect())
        }
        <div class="vh" role="status">${this.#announcer.text}</div>
      </section>
    `
  }

  #card(shown: Shown) {
    return html`
      ${headerPart(shown)} ${runFailurePart(shown, this.#doings)} ${stepsPart(shown, this.#doings)}
      ${shown.logsOpen ? this.#log?.part(shown) : nothing} ${footerPart(shown, this.#doings)}
    `
  }

  #wanted(): Wanted | null {
    const { src, token, getToken } = this
    const target: Target | null = this.runId
      ? { run: this.runId }
      : this.workflow && this.runKey
        ? { workflow: this.workflow, key: this.runKey }
        : null
    return target && { target, src: src ?? '', token, getToken, logs: this.withLogs && this.#logsOpen }
  }

  /** null: there is nothing to be shown but a notice. */
  #look(): Shown | null {
    const { view, clock } = this.#watched
    if (!view?.run || view.ended === 'deleted' || view.ended === 'not-found') return null
    const { withLogs, withActions } = this
    const branches = outline(view.steps)
    return {
      ...this.#voice.now,
      clock,
      view,
      run: view.run,
      branches,
      current: currentOf(branches, view.run),
      withLogs,
      withActions,
      logsOpen: withLogs && this.#logsOpen,
      asking: this.#operator.asking,
      copied: this.#copied,
      isOpen: (branch) => this.#isOpen(branch),
    }
  }

  /** What runs or failed is open, what is done folds, and the reader's choice sticks. */
  #isOpen({ step }: Branch): boolean {
    return this.#folds.get(step.id) ?? (step.status === 'running' || step.status === 'failed')
  }

  readonly #doings: Doings = {
    toggle: (step, open) => this.#change(() => this.#folds.set(step, open)),
    toggleLogs: () => this.#toggleLogs(),
    copyError: (step, text) => this.#copyError(step, text),
    confirmCancel: (asking) => this.#operator.confirm(asking),
    cancel: () => this.#operator.cancel(),
    retry: (from) => this.#operator.retry(from),
    dismiss: () => this.#operator.dismiss(),
  }

  #change(how: () => void): void {
    how()
    this.requestUpdate()
  }

  async #toggleLogs(): Promise<void> {
    this.#log ??= new (await import('./parts/logs.ts')).LogView()
    this.#change(() => (this.#logsOpen = !this.#logsOpen))
  }

  async #copyError(step: number, text: string): Promise<void> {
    if (!(await copy(text))) return
    this.#change(() => (this.#copied = step))
    clearTimeout(this.#forgetCopy)
    this.#forgetCopy = setTimeout(() => this.#change(() => (this.#copied = null)), COPIED_MS)
  }

  #tell(now: RunView, before: RunView | null): void {
    if (before?.run && now.run?.id !== before.run.id) this.#forgetRun()
    emitChanges(this, now, before)
  }

  #forgetRun(): void {
    this.#folds.clear()
    this.#operator.asking = { state: 'idle' }
    this.#announcer.forget()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'stepcast-run': StepcastRun
  }
}
