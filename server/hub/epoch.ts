/**
 * Revisions are comparable only within an epoch: a crash that lost commits, or a promotion, begins a new one. Every
 * read brings the epoch it saw; another one than before means that nothing the watchers have can be trusted.
 */
export class Epoch {
  /** Rises with every change of epoch, so that a read begun before one can be told. */
  generation = 0
  readonly #onChange: () => void
  #current: string | null = null

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** True: it changed, now or since the read of `generation` began; what was read is to be thrown away. */
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
