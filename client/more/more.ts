import type { CSSResult } from 'lit'
import type { RunDetails, Step } from '../../db/contract.ts'
import type { Milestone } from '../milestones.ts'
import { type Branch, isFinished, isWaitingForNextTry } from '../outline.ts'
import { adopt, adoptAgain } from '../parts/adopt.ts'
import type { Asking, Chosen, More, Shown, Voice, Waiting } from '../parts/shown.ts'
import type { RunView } from '../stream.ts'
import { moreOf } from '../words/more.ts'
import { attemptsPart } from './attempts.ts'
import { questionPart, refusalPart } from './conversation.ts'
import { Copier } from './copier.ts'
import { Cursor } from './cursor.ts'
import { Details } from './details.ts'
import { failurePart, runFailurePart } from './failure.ts'
import { Finder } from './finder.ts'
import { FocusKeeper } from './focus-keeper.ts'
import type { Host } from './host.ts'
import { noticePart } from './notice.ts'
import { operationText } from './operation.ts'
import { Operator } from './operator.ts'
import { besidePart, foldedSteps } from './rows.ts'
import { moreStyles } from './styles.ts'
import { parkedText, waitingOf } from './waiting.ts'

/** Everything of an element that is not needed for a run without incidents; loaded when it is first needed. */
export class MoreParts implements More {
  readonly #host: Host
  readonly #operator: Operator
  readonly #copier: Copier
  readonly #details: Details
  readonly #finder: Finder
  readonly #cursor: Cursor
  #attemptsOpen: ReadonlySet<number> = new Set()
  chosen: Chosen | null = null

  constructor(host: Host) {
    const { element, watched } = host
    this.#host = host
    this.#operator = new Operator(element, watched, () => host.shown()?.withActions === true)
    this.#copier = new Copier(element)
    this.#details = new Details(element, watched, () => this.#wantsDetails())
    this.#finder = new Finder(host, (chosen) => this.choose(chosen))
    this.#cursor = new Cursor(host)
    new FocusKeeper(element)
    this.adopt(moreStyles)
  }

  get asking(): Asking {
    return this.#operator.asking
  }

  get details(): RunDetails | null {
    return this.#details.latest
  }

  get marks(): unknown[] {
    return [this.asking, this.details, this.#copier.latest, this.#attemptsOpen, this.chosen]
  }

  foldedSteps(shown: Shown): { row: unknown; hidden: number } {
    return foldedSteps(shown, this.#host.doings)
  }

  waiting(step: Step, shown: Shown): Waiting {
    return waitingOf(step, shown)
  }

  besideStep(branch: Branch, shown: Shown): unknown {
    return besidePart(branch, shown, {
      operator: this.#operator,
      isShowingAttempts: (step) => this.#attemptsOpen.has(step),
      toggleAttempts: (step) => this.#toggleAttempts(step),
    })
  }

  belowStep(branch: Branch, shown: Shown): unknown {
    const { step } = branch
    if (!this.#attemptsOpen.has(step.id)) return failurePart(branch, shown, this.#copier)
    const chosen = this.chosen?.step === step.id ? this.chosen.attempt : null
    const doings = { choose: (wanted: Chosen) => this.choose(wanted), copier: this.#copier }
    return attemptsPart(step, this.#details.attemptsOf(step.id), chosen, shown, doings)
  }

  aboveSteps(shown: Shown): unknown {
    return [this.#finder.part(shown), runFailurePart(shown, this.#copier)]
  }

  notice(view: RunView | null, isSet: boolean, voice: Omit<Voice, 'clock'>): unknown {
    const { watched } = this.#host
    return noticePart(view, { isSet, src: watched.endpoint?.src ?? '', reconnect: () => watched.reconnect() }, voice)
  }

  /** What is announced when the run is deleted. */
  deletion({ words }: Shown): Milestone {
    return { text: moreOf(words).deleted, isEnd: true }
  }

  question(shown: Shown): unknown {
    return questionPart(shown, this.#operator)
  }

  doing({ run, words }: Shown): string | null {
    if (this.asking.state !== 'pending') return null
    const { retrying, cancelling } = moreOf(words)
    return isFinished(run) ? retrying : cancelling
  }

  waitsFor(shown: Shown): string | null {
    return parkedText(shown) ?? (this.details?.unserved ? moreOf(shown.words).unserved : null)
  }

  refusal(shown: Shown): unknown {
    return refusalPart(shown, this.#operator)
  }

  operation(shown: Shown): string | null {
    return operationText(shown, this.details)
  }

  choose(chosen: Chosen | null): void {
    this.chosen = chosen
    if (chosen) this.#attemptsOpen = new Set(this.#attemptsOpen).add(chosen.step)
    this.#host.element.requestUpdate()
  }

  askCancel(): void {
    this.#operator.ask('cancel', null)
  }

  askRetry(from: Step | null): void {
    if (from === null) this.#operator.retry()
    else this.#operator.ask('retry', from)
  }

  adopt(styles: CSSResult): void {
    adopt(this.#host.element.renderRoot, styles)
  }

  /** After a move into another document. */
  adoptAgain(): void {
    adoptAgain(this.#host.element)
  }

  press(key: string, on: HTMLElement | null): void {
    this.#finder.press(key, on)
  }

  cursorIn(shown: Shown): number | undefined {
    return this.#cursor.in(shown)
  }

  moveCursor(row: Element): void {
    this.#cursor.move(row)
  }

  /** Drops what belongs to the previous run. */
  forget(): void {
    this.#operator.asking = { state: 'idle' }
    this.#attemptsOpen = new Set()
    this.chosen = null
    this.#cursor.forget()
  }

  #toggleAttempts(step: number): void {
    const open = new Set(this.#attemptsOpen)
    if (!open.delete(step)) open.add(step)
    this.#attemptsOpen = open
    this.#host.element.requestUpdate()
  }

  #wantsDetails(): boolean {
    const shown = this.#host.shown()
    if (shown === null) return false
    const { run, view, waterfallOpen } = shown
    if (run.status === 'pending') return run.parkedBy === null && Date.parse(run.runAt) < shown.clock.now()
    if (run.status === 'cancelled' || waterfallOpen || this.#attemptsOpen.size > 0) return true
    return view.steps.some((step) => step.attempt > 1 || isWaitingForNextTry(step))
  }
}
