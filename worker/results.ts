import type { JsonObject } from '../db/contract.ts'
import type { StepEnd } from '../db/engine.ts'
import { copyLazily, put } from './copy.ts'
import type { StepDefinition } from './options.ts'

/**
 * The results of the completed steps of a run that is driven here. Most are known because the steps ended here, or came
 * with the claim. If another process ended a step, or its answer was lost, its result is read when a step may see it.
 */
export class Results {
  readonly #order: readonly string[]
  readonly #read: (steps: string[]) => Promise<StepEnd[]>
  readonly #known: JsonObject = {}
  /** Steps whose result, if any, is known. */
  readonly #heard = new Set<string>()
  #last: Promise<void> = Promise.resolve()

  /** `order`: the names of all steps; `claimed`: results that came with the claim; `read`: from their rows. */
  constructor(order: readonly string[], claimed: JsonObject, read: (steps: string[]) => Promise<StepEnd[]>) {
    this.#order = order
    this.#read = read
    for (const [step, output] of Object.entries(claimed)) this.hear({ step, status: 'completed', output })
  }

  /** A step has ended well. */
  hear({ step, status, output }: StepEnd): void {
    this.#heard.add(step)
    if (status === 'completed') put(this.#known, step, output)
  }

  /**
   * A copy of the results that a step may see: of the steps in its `needs`, or else of all before it. No more, so that a
   * handler may go through them.
   */
  async for({ name, needs }: StepDefinition): Promise<object> {
    const steps = needs ?? this.#order.slice(0, this.#order.indexOf(name))
    await this.#inTurn(() => this.#learn(steps))
    const known = steps.filter((step) => Object.hasOwn(this.#known, step))
    return copyLazily(Object.fromEntries(known.map((step) => [step, this.#known[step]])))
  }

  /**
   * One after the other: of many steps that begin together, the first reads for all. Those that wait for a read that
   * fails, fail with it.
   */
  #inTurn(learn: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(learn)
    return this.#last.catch((error) => {
      this.#last = Promise.resolve()
      throw error
    })
  }

  async #learn(steps: readonly string[]): Promise<void> {
    const isUnknown = (step: string) => !this.#heard.has(step)
    const unknown = steps.filter(isUnknown)
    if (unknown.length === 0) return
    // What arrived meanwhile ended here.
    for (const end of await this.#read(unknown)) if (isUnknown(end.step)) this.hear(end)
  }
}
