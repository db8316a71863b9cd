import type { LogLine } from '../../db/contract.ts'

/** Lines that are missing between two known ones: those after one number and before another. */
export interface Gap {
  after: number
  before: number
}

/** All lines of a log that have arrived, in order of their numbers. */
export class LogLines {
  #lines: LogLine[] = []
  /** Whether any line belongs to a step. */
  hasSteps = false

  get all(): readonly LogLine[] {
    return this.#lines
  }

  /** Appends the lines that are newer than all known ones, and returns them. */
  append(lines: readonly LogLine[]): LogLine[] {
    const last = this.#lines.at(-1)?.line ?? 0
    const fresh = lines.filter(({ line }) => line > last)
    for (const line of fresh) this.#lines.push(line)
    this.#lookForSteps(fresh)
    return fresh
  }

  /** Fills a gap with the lines loaded for it. */
  fill({ after, before }: Gap, lines: readonly LogLine[]): void {
    const at = this.#lines.findIndex(({ line }) => line >= before)
    const fitting = lines.filter(({ line }) => line > after && line < before)
    this.#lines = [...this.#lines.slice(0, at), ...fitting, ...this.#lines.slice(at)]
    this.#lookForSteps(fitting)
  }

  #lookForSteps(lines: readonly LogLine[]): void {
    this.hasSteps ||= lines.some(({ stepId }) => stepId !== null)
  }

  /** The first gap after line `from`; null: there is none. */
  gap(from: number): Gap | null {
    let after = 0
    for (const { line } of this.#lines) {
      if (line > after + 1 && line > from + 1) return { after: Math.max(after, from), before: line }
      after = line
    }
    return null
  }
}
