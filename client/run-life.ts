import type { LitElement } from 'lit'
import { Announcer } from './announcer.ts'
import { emitChanges } from './changes.ts'
import { RunController } from './controller.ts'
import type { LogView } from './logs/log-view.ts'
import { milestoneOf } from './milestones.ts'
import type { MoreParts } from './more/more.ts'
import { adopt } from './parts/adopt.ts'
import type { Doings, More, Shown } from './parts/shown.ts'
import { memoWith } from './row-memo.ts'
import type { RunView } from './stream.ts'
import type { Wanted } from './target.ts'

/** What an element lets its life read. */
export interface Alive {
  element: LitElement & { readonly renderRoot: ShadowRoot; readonly withLinks: boolean }
  wanted(): Wanted | null
  /** null: there is no run to be shown. */
  shown(): Shown | null
  /** Whether something was needed last that could not be loaded. */
  lack(isMissing: boolean): void
}

/**
 * All of `<stepcast-run>` that a run can be drawn without: what keeps the picture true, tells of changes, and does what
 * a reader asks for. It comes right after what draws.
 */
export class RunLife implements Doings {
  readonly watched: RunController
  // Each null until it is first needed, which is when its code is loaded.
  more: MoreParts | null = null
  logsOpen = false
  readonly #of: Alive
  readonly #announcer: Announcer
  #log: LogView | null = null
  #drawWaterfall: ((shown: Shown) => unknown) | null = null
  #waterfallOpen = false
  /** What the reader has opened and closed. */
  #folds: ReadonlyMap<number, boolean> = new Map()
  #setting: unknown[] = []
  /** The fragment that was followed last. */
  #place = ''

  constructor(of: Alive) {
    this.#of = of
    const { element, wanted } = of
    this.#announcer = new Announcer(element)
    this.watched = new RunController(element, wanted, (now, before) => this.#tell(now, before))
    element.addController({
      hostConnected: () => addEventListener('hashchange', this.#followAddress),
      hostDisconnected: () => removeEventListener('hashchange', this.#followAddress),
      hostUpdated: this.#followAddress,
    })
  }

  /** What a screen reader is told. */
  get text(): string {
    return this.#announcer.text
  }

  get isAsking(): boolean {
    return this.more?.asking.state === 'pending'
  }

  /** The same as the reader has left it. */
  touch(shown: Shown): Shown {
    const { more } = this
    const touched: Shown = {
      ...shown,
      logsOpen: shown.withLogs && this.logsOpen,
      // Without a beginning there is nothing to be seen in it, and no button to close it.
      waterfallOpen: this.#waterfallOpen && shown.run.startedAt !== null,
      more,
      memo: memoWith(this.#settingOf(shown)),
      isOpen: (branch) => this.#folds.get(branch.step.id) ?? shown.isOpen(branch),
    }
    touched.cursor = more?.cursorIn(touched) ?? shown.cursor
    return touched
  }

  /** Before it is drawn. */
  attend(shown: Shown): void {
    if (shown.logsOpen) this.#log?.update(shown)
    this.#announcer.tell(milestoneOf(shown))
  }

  timeline(shown: Shown): unknown {
    return shown.waterfallOpen && this.#drawWaterfall?.(shown)
  }

  log(shown: Shown): unknown {
    return shown.logsOpen ? this.#log?.part(shown) : null
  }

  async #loadMore(): Promise<MoreParts> {
    const { MoreParts } = await import('./more/more.ts')
    this.more ??= new MoreParts({
      ...this.#of,
      watched: this.watched,
      doings: this,
      openLine: (line) => this.#openLogs(true, line),
    })
    return this.more
  }

  /** Of another run nothing is known. */
  forget(): void {
    this.#folds = new Map()
    this.more?.forget()
    this.#announcer.forget()
  }

  toggle(step: number, open: boolean): void {
    this.#folds = new Map(this.#folds).set(step, open)
    this.#of.element.requestUpdate()
  }

  toggleLogs(): Promise<void> {
    return this.#openLogs(!this.logsOpen)
  }

  toggleWaterfall(open = !this.#waterfallOpen): Promise<void> {
    const parts = Promise.all([import('./waterfall/waterfall.ts'), this.#loadMore()])
    return this.#with(parts, ([{ waterfallPart, waterfallStyles }]) => {
      adopt(this.#of.element.renderRoot, waterfallStyles)
      this.#drawWaterfall = waterfallPart
      this.#waterfallOpen = open
    })
  }

  withMore(what: (more: More) => void): Promise<void> {
    return this.#with(this.#loadMore(), what)
  }

  /** Nothing is loaded for a pointer: it would move what that is about to click. */
  readonly moveCursor = (event: FocusEvent): void => {
    const target = event.target as Element
    const row = target.closest('li.step')
    if (row && (this.more || target.matches(':focus-visible')))
      this.#with(this.#loadMore(), (more) => more.moveCursor(row))
  }

  /**
   * Keys for whoever has the focus inside, and not where one writes or scrolls; what a page put into a slot is its own.
   */
  readonly press = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input, select, summary, pre, .log')) return
    if (!this.#of.element.renderRoot.contains(target)) return
    // Held down it cancels, and does not retry what that has ended.
    if (event.repeat && event.key === 'Enter' && target.id === 'act') event.preventDefault()
    const row = target.closest<HTMLElement>('li.step')
    const walks = row !== null && /^(Arrow|Home|End)/.test(event.key)
    if (!walks && event.key !== 'n' && event.key !== 'p') return
    event.preventDefault()
    this.withMore((more) => more.press(event.key, row))
  }

  readonly #followAddress = (): void => {
    const { hash } = location
    if (!this.#of.element.withLinks || !this.more || !this.#of.shown() || hash === this.#place) return
    this.#place = hash
    this.more.openPlace(hash)
  }

  #openLogs(open: boolean, line?: number): Promise<void> {
    return this.#with(import('./logs/log-view.ts'), ({ LogView }) => {
      this.#log ??= new LogView(this.#of.element, this.watched)
      if (line !== undefined) this.#log.openLine(line)
      this.logsOpen = open
    })
  }

  /** Does something with what is loaded for it; the reader is told where that cannot be had, and all else goes on. */
  async #with<Part>(part: Promise<Part>, what: (part: Part) => unknown): Promise<void> {
    this.#of.lack((await part.then(what, () => true)) === true)
  }

  /** The same as long as all is that rows are drawn by beside their step and the time. */
  #settingOf({ run, words, language, withActions, withLinks }: Shown): unknown[] {
    const { more } = this
    const now = [run.status, words, language, withActions, withLinks, this.#folds, more, ...(more?.marks ?? [])]
    const isSame = now.length === this.#setting.length && now.every((each, index) => each === this.#setting[index])
    if (!isSame) this.#setting = now
    return this.#setting
  }

  #tell(now: RunView, before: RunView | null): void {
    if (before?.run && now.run?.id !== before.run.id) this.forget()
    emitChanges(this.#of.element, now, before)
  }
}
