import type { LitElement } from 'lit'
import { Announcer } from './announcer.ts'
import { emitChanges } from './changes.ts'
import { RunController } from './controller.ts'
import type { LogView } from './logs/log-view.ts'
import { milestoneOf } from './milestones.ts'
import type { MoreParts } from './more/more.ts'
import type { Doings, More, Shown } from './parts/shown.ts'
import { memoWith } from './row-memo.ts'
import type { RunView } from './stream.ts'
import type { Wanted } from './target.ts'

/** What the element offers to its `RunLife`. */
export interface Alive {
  element: LitElement & { readonly renderRoot: ShadowRoot; readonly withLinks: boolean }
  wanted(): Wanted | null
  /** null: there is no run to show. */
  shown(): Shown | null
  /** Reports whether the code that was last needed could not be loaded. */
  lack(isMissing: boolean): void
}

/**
 * The part of `<stepcast-run>` that a run can be drawn without: it keeps the view up to date, dispatches events, and
 * does what a reader requests. It loads right after the part that draws.
 */
export class RunLife implements Doings {
  readonly watched: RunController
  // Both are null until they are first needed; only then does their code load.
  more: MoreParts | null = null
  logsOpen = false
  readonly #of: Alive
  readonly #announcer: Announcer
  #log: LogView | null = null
  #drawWaterfall: ((shown: Shown) => unknown) | null = null
  #waterfallOpen = false
  /** Which steps the reader has opened or closed. */
  #folds: ReadonlyMap<number, boolean> = new Map()
  #setting: unknown[] = []

  constructor(of: Alive) {
    this.#of = of
    const { element, wanted } = of
    this.#announcer = new Announcer(element)
    this.watched = new RunController(element, wanted, (now, before) => this.#tell(now, before))
    element.addController({
      hostConnected: () => {
        // another document has no use for the styles of the one before
        if (!element.renderRoot.adoptedStyleSheets.length) this.#with(this.#loadMore(), (more) => more.adoptAgain())
      },
    })
  }

  /** The text for screen readers. */
  get text(): string {
    return this.#announcer.text
  }

  get isAsking(): boolean {
    return this.more?.asking.state === 'pending'
  }

  /** The given state, with what the reader has opened and closed. */
  touch(shown: Shown): Shown {
    const { more } = this
    const touched: Shown = {
      ...shown,
      logsOpen: shown.withLogs && this.logsOpen,
      // A run that has not started has nothing to show in it, and no button to close it.
      waterfallOpen: this.#waterfallOpen && shown.run.startedAt !== null,
      more,
      memo: memoWith(this.#settingOf(shown)),
      isOpen: (branch) => this.#folds.get(branch.step.id) ?? shown.isOpen(branch),
    }
    touched.cursor = more?.cursorIn(touched) ?? shown.cursor
    return touched
  }

  /** To be called before it is drawn. */
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

  /** Drops what belongs to the previous run. */
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
    return this.#with(parts, ([{ waterfallPart, waterfallStyles }, more]) => {
      more.adopt(waterfallStyles)
      this.#drawWaterfall = waterfallPart
      this.#waterfallOpen = open
    })
  }

  withMore(what: (more: More) => void): Promise<void> {
    return this.#with(this.#loadMore(), what)
  }

  /** A pointer does not make it load anything: that would move what is about to be clicked. */
  readonly moveCursor = (event: FocusEvent): void => {
    const target = event.target as Element
    const row = target.closest('li.step')
    if (row && (this.more || target.matches(':focus-visible')))
      this.#with(this.#loadMore(), (more) => more.moveCursor(row))
  }

  /**
   * Handles keys while the focus is inside, except where the reader types or scrolls; keys in slotted content are the
   * page's.
   */
  readonly press = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input, select, summary, pre, .log')) return
    if (!this.#of.element.renderRoot.contains(target)) return
    // A key that is held down cancels the run, but does not also retry it once it has ended.
    if (event.repeat && event.key === 'Enter' && target.id === 'act') event.preventDefault()
    const row = target.closest<HTMLElement>('li.step')
    const walks = row !== null && /^(Arrow|Home|End)/.test(event.key)
    if (!walks && event.key !== 'n' && event.key !== 'p') return
    event.preventDefault()
    this.withMore((more) => more.press(event.key, row))
  }

  #openLogs(open: boolean, line?: number): Promise<void> {
    return this.#with(import('./logs/log-view.ts'), ({ LogView }) => {
      this.#log ??= new LogView(this.#of.element, this.watched)
      if (line !== undefined) this.#log.openLine(line)
      this.logsOpen = open
    })
  }

  /**
   * Does something with a part once it has loaded; if it cannot be loaded, the reader sees a note, and everything else
   * continues.
   */
  async #with<Part>(part: Promise<Part>, what: (part: Part) => unknown): Promise<void> {
    this.#of.lack((await part.then(what, () => true)) === true)
  }

  /** The same array as long as nothing has changed that rows depend on, apart from their step and the time. */
  #settingOf({ run, words, language, withActions, withLinks }: Shown): unknown[] {
    const { more } = this
    const now = [run.status, words, language, withActions, withLinks, this.#folds, more, ...(more?.marks ?? [])]
    const isSame = now.length === this.#setting.length && now.every((each, index) => each === this.#setting[index])
    if (!isSame) this.#setting = now
    return this.#setting
  }

  #tell(now: RunView, before: RunView | null): void {
    if (before?.run && now.run?.id !== before.run.id) this.forget()
    const shown = this.#of.shown()
    if (shown && now.ended === 'deleted' && before?.ended !== 'deleted')
      this.#with(this.#loadMore(), (more) => this.#announcer.tell(more.deletion(shown)))
    emitChanges(this.#of.element, now, before)
  }
}
