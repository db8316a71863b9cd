import type { LogLine } from '../../db/contract.ts'

/**
 * Lines per block: few enough to draw in a few milliseconds, many enough that a hundred thousand lines make only 2,000
 * blocks.
 */
const LINES = 50
/** The assumed height in pixels of a line that has not been drawn yet. */
const LINE_HEIGHT = 18
/** Blocks are drawn up to this many pixels beyond the visible part. */
const MARGIN = 800

interface Block {
  element: HTMLElement
  lines: LogLine[]
  isDrawn: boolean
}

/**
 * A long list that draws only what is near the visible part. The rest is empty blocks that keep their height, so the
 * browser does the scrolling, anchoring and wrapping, and lines may have any height.
 */
export class Blocks {
  readonly element = document.createElement('div')
  readonly #draw: (line: LogLine, before: LogLine | undefined) => HTMLElement
  readonly #observer: IntersectionObserver
  #blocks: Block[] = []

  constructor(panel: HTMLElement, draw: (line: LogLine, before: LogLine | undefined) => HTMLElement) {
    this.#draw = draw
    this.#observer = new IntersectionObserver((entries) => this.#see(entries), {
      root: panel,
      rootMargin: `${MARGIN}px`,
    })
  }

  get count(): number {
    return this.#blocks.reduce((sum, { lines }) => sum + lines.length, 0)
  }

  /** Shows these lines instead. */
  replace(lines: readonly LogLine[]): void {
    this.#observer.disconnect()
    this.#blocks = []
    this.element.replaceChildren()
    this.append(lines)
  }

  append(lines: readonly LogLine[]): void {
    for (let from = 0; from < lines.length; ) {
      const block = this.#blockWithRoom()
      const some = lines.slice(from, from + LINES - block.lines.length)
      this.#extend(block, some)
      from += some.length
    }
  }

  /** Draws the block with a line, so that it can be scrolled to; null: the line is not among those shown. */
  reveal(line: number): HTMLElement | null {
    const block = this.#blocks.find(({ lines }) => (lines.at(-1)?.line ?? 0) >= line)
    if (!block) return null
    this.#fill(block)
    return block.element.querySelector(`#L${line}`)
  }

  /** Redraws the drawn blocks. */
  redraw(): void {
    for (const block of this.#blocks)
      if (block.isDrawn) {
        block.isDrawn = false
        this.#fill(block)
      }
  }

  /** The rows that are drawn. */
  drawn(): HTMLElement[] {
    return this.#blocks
      .filter(({ isDrawn }) => isDrawn)
      .flatMap(({ element }) => [...element.children] as HTMLElement[])
  }

  #blockWithRoom(): Block {
    const last = this.#blocks.at(-1)
    if (last && last.lines.length < LINES) return last
    const block: Block = { element: document.createElement('div'), lines: [], isDrawn: false }
    this.#blocks.push(block)
    this.element.append(block.element)
    this.#observer.observe(block.element)
    return block
  }

  #extend(block: Block, lines: LogLine[]): void {
    const before = block.lines.at(-1) ?? this.#blocks.at(-2)?.lines.at(-1)
    block.lines.push(...lines)
    if (block.isDrawn) block.element.append(...this.#drawAll(lines, before))
    else block.element.style.setProperty('block-size', `${block.lines.length * LINE_HEIGHT}px`)
  }

  #drawAll(lines: readonly LogLine[], before: LogLine | undefined): HTMLElement[] {
    return lines.map((line, index) => this.#draw(line, index === 0 ? before : lines[index - 1]))
  }

  #see(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const block = this.#blocks.find(({ element }) => element === target)
      if (block && isIntersecting) this.#fill(block)
      else if (block) this.#empty(block)
    }
  }

  #fill(block: Block): void {
    if (block.isDrawn) return
    block.isDrawn = true
    const before = this.#blocks[this.#blocks.indexOf(block) - 1]?.lines.at(-1)
    block.element.style.removeProperty('block-size')
    block.element.replaceChildren(...this.#drawAll(block.lines, before))
  }

  #empty(block: Block): void {
    if (!block.isDrawn) return
    block.isDrawn = false
    block.element.style.setProperty('block-size', `${block.element.offsetHeight}px`)
    block.element.replaceChildren()
  }
}
