import type { DurationBucket, Stats } from '../../db/contract.ts'
import { unreachable } from '../problem.ts'
import { openedStep, type StepDurations } from './parts/opened-step.ts'
import type { Spread } from './parts/rows.ts'
import type { OpenedSteps, StepName } from './parts/steps.ts'
import type { Asked } from './reader.ts'
import { getter } from './requests.ts'
import type { Speech } from './speech.ts'

const NOTHING: StepDurations = { durations: null, error: null }

/**
 * The histograms of the steps that a reader has opened; each is read when it is opened, and from then on with the
 * charts.
 */
export class OpenSteps implements OpenedSteps {
  readonly #onChange: () => void
  readonly #open = new Map<string, { step: StepName; known: StepDurations }>()
  #stop = new AbortController()

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  has(step: StepName): boolean {
    return this.#open.has(nameOf(step))
  }

  row(step: StepName & Spread, caption: string, speech: Speech): unknown {
    const known = this.#open.get(nameOf(step))?.known
    return known && openedStep(step, known, caption, speech)
  }

  toggle(step: StepName, asked: Asked, window: Window): void {
    const name = nameOf(step)
    if (!this.#open.delete(name)) {
      this.#open.set(name, { step, known: NOTHING })
      this.#read(name, asked, window)
    }
    this.#onChange()
  }

  /** The charts were read again: the open histograms follow. */
  again(asked: Asked, window: Window): void {
    this.sleep()
    for (const name of this.#open.keys()) this.#read(name, asked, window)
  }

  sleep(): void {
    this.#stop.abort()
    this.#stop = new AbortController()
  }

  async #read(name: string, asked: Asked, { workflowsSince: since, until }: Window): Promise<void> {
    const { signal } = this.#stop
    const { workflow, parent, step } = this.#open.get(name)?.step ?? ({} as StepName)
    const read = getter(asked)<{ durations: DurationBucket[] }>
    const known: StepDurations = await read('/stats/durations', { workflow, parent, step, since, until }, signal).then(
      ({ durations }) => ({ durations, error: null }),
      (error: unknown) => ({ durations: null, error: unreachable(error) }),
    )
    const open = this.#open.get(name)
    if (signal.aborted || !open) return
    open.known = known
    this.#onChange()
  }
}

/** The runs that the steps are counted over, so that a histogram covers the same runs. */
type Window = Pick<Stats, 'workflowsSince' | 'until'>

function nameOf({ workflow, parent, step }: StepName): string {
  return JSON.stringify([workflow, parent, step])
}
