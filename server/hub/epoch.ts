/**
 * Revisions are comparable only within an epoch: a crash that lost commits, or a promotion, begins a new one. Every
 * read returns the epoch that it saw; a different one means that nothing the watchers have can be trusted.
 */
export class Epoch {
  /** Rises with every change of epoch, so that a read that began before one can be recognised. */
  generation = 0
  readonly #onChange: () => void
  #current: string | null = null

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** True: the epoch changed, now or since the read of `generation` began; discard what was read. */
  hasChanged(read: { epoch: string }[], generation: number): boolean {
    const seen = read.find(({ epoch }) => epoch !== this.#current)?.epoch
    const known = this.#current !== null
    if (seen !== undefined) this.#current = seen
    if (seen !== undefined && known) {
      this.generation += 1
      this.#onChange()
    }
    return this.generation !== generation
  }
}
