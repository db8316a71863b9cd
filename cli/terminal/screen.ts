import type { Look } from './text.ts'

type Terminal = Pick<NodeJS.WriteStream, 'write'> & Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows'>>

/** Lines that stay, and on a terminal a block of lines below them that is redrawn in place. */
export class Screen {
  /** false: nothing can be redrawn, and all lines stay. */
  readonly live: boolean
  readonly #out: Terminal
  readonly #colorful: boolean
  #block: string[] = []

  constructor(out: Terminal, color: boolean) {
    this.#out = out
    this.live = out.isTTY === true
    this.#colorful = color && this.live
    // However the process ends, the cursor is shown again.
    if (this.live) process.once('exit', () => this.settle())
  }

  get look(): Look {
    return { columns: this.#out.columns || 80, rows: this.#out.rows || 24, color: this.#colorful }
  }

  /** A line that stays, above the block. */
  print(line: string): void {
    this.#out.write(`${this.#erased()}${line}\n${this.#block.map((text) => `${text}\n`).join('')}`)
  }

  /** Replaces the block. */
  draw(lines: string[]): void {
    const before = this.#erased()
    this.#block = lines
    // Between these marks, a terminal shows nothing half-drawn.
    this.#out.write(`\x1b[?2026h\x1b[?25l${before}${lines.map((text) => `${text}\n`).join('')}\x1b[?2026l`)
  }

  /** Leaves the block as it is: the next one begins below it. */
  settle(): void {
    if (this.#block.length > 0) this.#out.write('\x1b[?25h')
    this.#block = []
  }

  #erased(): string {
    return this.#block.length > 0 ? `\x1b[${this.#block.length}A\x1b[0J` : ''
  }
}
