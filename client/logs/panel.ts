import type { LogLine } from '../../db/contract.ts'
import { Blocks } from './blocks.ts'

/** Within this many pixels of its end, the panel counts as scrolled to it. */
const NEAR = 24

/** A line, and how far below the top of the panel it begins. */
interface Held {
  line: number
  offset: number
}

/** The scrolling part. It stays at its end while lines arrive, until the reader scrolls away from there. */
export class Panel {
  readonly element = document.createElement('div')
  readonly #blocks: Blocks
  readonly #onFollow: () => void
  #follows = true
  #height = 0
  /** The line at the top since the reader scrolled away from the end; null: the reader has not. */
  #top: Held | null = null
  /** What `#follows` and `#top` were when it left the page; null: it has not. */
  #left: { follows: boolean; top: Held | null } | null = null

  /** `onFollow`: called when the panel starts or stops following. */
  constructor(draw: (line: LogLine, before: LogLine | undefined) => HTMLElement, onFollow: () => void) {
    this.element.className = 'log'
    this.element.tabIndex = 0
    this.element.setAttribute('role', 'log')
    this.element.setAttribute('aria-live', 'off')
    this.element.setAttribute('part', 'log')
    this.#blocks = new Blocks(this.element, draw)
    this.element.append(this.#blocks.element)
    this.#onFollow = onFollow
    this.element.addEventListener('scroll', () => this.#scrolled())
    // Blocks take their true height when they are drawn, which may be after the panel has scrolled to them.
    new ResizeObserver(() => this.#toEnd()).observe(this.#blocks.element)
  }

  get follows(): boolean {
    return this.#follows
  }

  get count(): number {
    return this.#blocks.count
  }

  append(lines: readonly LogLine[]): void {
    this.#blocks.append(lines)
    this.#toEnd()
  }

  /** Shows these lines instead; the line at the top of the panel stays where it is. */
  replace(lines: readonly LogLine[]): void {
    const held = this.#follows ? null : this.#topLine()
    this.#blocks.replace(lines)
    if (held) this.#hold(held.line, held.offset)
    this.#toEnd()
  }

  /** Out of the page it has no top any more, and back in it, the browser begins at the first line. */
  leave(): void {
    this.#left = { follows: this.#follows, top: this.#top }
  }

  /** Back in the page: to where it was, after the browser has reported that it scrolled. */
  comeBack(): void {
    const left = this.#left
    if (left) requestAnimationFrame(() => this.#return(left))
    this.#left = null
  }

  redraw(): void {
    this.#blocks.redraw()
  }

  /** For a reader who asks for it with a button, which then goes: the focus stays with the log. */
  follow(): void {
    this.element.focus({ preventScroll: true })
    this.#become(true)
    this.#toEnd()
  }

  /** Scrolls to a line, and stays there. */
  show(line: number): void {
    this.#become(false)
    const row = this.#blocks.reveal(line)
    row?.scrollIntoView({ block: 'center', inline: 'nearest' })
    // Blocks in between had only their estimated height until now.
    requestAnimationFrame(() => this.#blocks.reveal(line)?.scrollIntoView({ block: 'center', inline: 'nearest' }))
  }

  #return({ follows, top }: { follows: boolean; top: Held | null }): void {
    this.#become(follows)
    if (top && !follows) this.#hold(top.line, top.offset)
    this.#toEnd()
  }

  #become(follows: boolean): void {
    if (follows === this.#follows) return
    this.#follows = follows
    this.#onFollow()
  }

  #toEnd(): void {
    if (!this.#follows) return
    this.element.scrollTop = this.element.scrollHeight
    this.#height = this.element.scrollHeight
  }

  #scrolled(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.element
    // The log grew; the reader did not scroll.
    if (this.#follows && scrollHeight !== this.#height) this.#toEnd()
    else this.#become(scrollHeight - scrollTop - clientHeight < NEAR)
    this.#top = this.#follows ? null : this.#topLine()
  }

  #topLine(): Held | null {
    const { top } = this.element.getBoundingClientRect()
    const row = this.#blocks.drawn().find((each) => each.getBoundingClientRect().bottom > top)
    return row ? { line: Number(row.id.slice(1)), offset: row.getBoundingClientRect().top - top } : null
  }

  #hold(line: number, offset: number): void {
    const row = this.#blocks.reveal(line)
    if (!row) return
    const { top } = this.element.getBoundingClientRect()
    this.element.scrollTop += row.getBoundingClientRect().top - top - offset
  }
}
