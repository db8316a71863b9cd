/** What the engine must do to a run's statuses, said a second time and as plainly as possible. */

export interface ModelStep {
  needs: string[]
  skipsWithNeeds: boolean
  attempts: number
}

/** A diamond with side branches; `c` has three tries, `d` is skipped with what it needs, `f` waits for `a` by `b` alone. */
export const SHAPE: Record<string, ModelStep> = {
  a: { needs: [], skipsWithNeeds: false, attempts: 1 },
  b: { needs: ['a'], skipsWithNeeds: false, attempts: 1 },
  c: { needs: ['a'], skipsWithNeeds: false, attempts: 3 },
  d: { needs: ['b', 'c'], skipsWithNeeds: true, attempts: 1 },
  e: { needs: [], skipsWithNeeds: false, attempts: 2 },
  f: { needs: ['b'], skipsWithNeeds: false, attempts: 1 },
}

interface StepState {
  status: string
  attempt: number
  failures: number
  waits: boolean
}

const DONE = ['completed', 'skipped']
const FINAL = ['completed', 'failed', 'cancelled']

export class ModelRun {
  status = 'pending'
  /** A worker has it. */
  driven = false
  readonly finishesSiblings: boolean
  readonly steps: Record<string, StepState>

  constructor(finishesSiblings: boolean) {
    this.finishesSiblings = finishesSiblings
    this.steps = Object.fromEntries(
      Object.keys(SHAPE).map((name) => [name, { status: 'pending', attempt: 0, failures: 0, waits: false }]),
    )
  }

  of(name: string): StepState {
    return this.steps[name] as StepState
  }

  get isFinal(): boolean {
    return FINAL.includes(this.status)
  }

  claim(): string {
    if (this.isFinal) return 'gone'
    if (this.driven) return 'taken'
    this.driven = true
    this.status = 'running'
    this.#advance()
    return 'done'
  }

  look(): string {
    if (!this.driven) return 'fenced'
    this.#advance()
    return 'done'
  }

  end(name: string, status: string): string {
    if (!this.driven) return 'fenced'
    if (this.of(name).status !== 'running') return 'over'
    this.of(name).status = status
    this.#advance()
    return 'done'
  }

  fail(name: string, retryable: boolean): string {
    const step = this.of(name)
    if (!this.driven) return 'SC005'
    if (step.status !== 'running') return 'SC004'
    if (retryable && step.failures + 1 < (SHAPE[name]?.attempts ?? 1)) {
      Object.assign(step, { status: 'pending', failures: step.failures + 1, waits: true })
      this.#advance()
    } else {
      step.status = 'failed'
      if (this.finishesSiblings) this.#advance()
      else this.#end('failed')
    }
    return 'done'
  }

  /** Every wait for a retry is over. */
  timePasses(): string {
    for (const step of Object.values(this.steps)) step.waits = false
    return 'done'
  }

  /** A plain update of a step's status. */
  operate(name: string, status: string): string {
    const step = this.of(name)
    const legal = { pending: ['skipped', 'cancelled'], running: ['completed', 'failed', 'skipped', 'cancelled'] }
    if (step.status === status) return 'done'
    if (this.isFinal || !legal[step.status as keyof typeof legal]?.includes(status)) return 'SC004'
    Object.assign(step, { status, waits: false })
    if (status === 'failed' || status === 'cancelled') this.#end(status)
    else if (this.status === 'running' && !this.#runs()) this.driven = false
    return 'done'
  }

  cancel(): string {
    if (this.isFinal) return 'SC004'
    for (const step of Object.values(this.steps)) if (step.status === 'pending') step.status = 'cancelled'
    this.#end('cancelled')
    return 'done'
  }

  retry(from: string | null): string {
    if (!this.isFinal || (this.status === 'completed' && from === null)) return 'SC004'
    const after = from === null ? [] : Object.keys(SHAPE).filter((name) => name === from || needs(name, from))
    for (const [name, step] of Object.entries(this.steps)) {
      if (step.status === 'pending') continue
      if (after.includes(name) || ['failed', 'cancelled'].includes(step.status)) {
        Object.assign(step, { status: 'pending', failures: 0 })
      }
    }
    this.status = 'pending'
    return 'done'
  }

  /** Its worker is found dead. */
  lose(): string {
    if (!this.driven) return 'done'
    for (const step of Object.values(this.steps)) if (step.status === 'running') step.status = 'pending'
    this.driven = false
    return 'done'
  }

  #runs(): boolean {
    return Object.values(this.steps).some(({ status }) => status === 'running')
  }

  #end(status: string): void {
    for (const step of Object.values(this.steps)) {
      if (step.status === 'running') step.status = 'cancelled'
      step.waits = false
    }
    this.status = status
    this.driven = false
  }

  #advance(): void {
    while (this.#begin());
    const all = Object.values(this.steps)
    if (this.#runs()) return
    this.driven = false
    if (all.some(({ status, waits }) => status === 'pending' && waits)) return
    this.#end(all.every(({ status }) => DONE.includes(status)) ? 'completed' : 'failed')
  }

  /** Begins what is ready; true: a step was skipped, which may make others ready. */
  #begin(): boolean {
    const ready = Object.entries(this.steps).filter(
      ([name, { status, waits }]) =>
        status === 'pending' && !waits && SHAPE[name]?.needs.every((need) => this.#isBehind(need)),
    )
    const skips = (name: string) =>
      SHAPE[name]?.skipsWithNeeds && SHAPE[name].needs.some((need) => this.of(need).status === 'skipped')
    const decided = ready.map(([name, step]) => ({ step, skipped: skips(name) === true }))
    for (const { step, skipped } of decided) {
      step.status = skipped ? 'skipped' : 'running'
      if (!skipped) step.attempt++
    }
    return decided.some(({ skipped }) => skipped)
  }

  /** It is done, and so is all that it needs: it may have been skipped before its turn. */
  #isBehind(name: string): boolean {
    const needed = SHAPE[name]?.needs ?? []
    return DONE.includes(this.of(name).status) && needed.every((need) => this.#isBehind(need))
  }
}

function needs(name: string, other: string): boolean {
  return (SHAPE[name]?.needs ?? []).some((need) => need === other || needs(need, other))
}
