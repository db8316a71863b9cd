import type { Change, Want } from '../../db/changes.ts'
import { Frame } from './frame.ts'
import { isFinal } from './sse.ts'
import type { Form, Subscription } from './subscription.ts'

/** One watched run: what its live watchers have, and what has been announced since. */
export class Topic {
  readonly run: string
  readonly subscriptions = new Set<Subscription>()
  /** Every live watcher has at least this revision; null: nothing has been read yet. */
  revision: number | null = null
  /** The last log line that every live watcher with logs has; null: nobody wants lines. */
  #line: number | null = null
  /** After a read that was cut: the revision before the first log line that is still to come; null: none was cut. */
  #cutAfter: number | null = null
  #asked: Want
  #announced = 0
  #final = false
  /** How many watchers there are in each form. */
  readonly #counts: Record<Form, number> = { row: 0, plain: 0, withLogs: 0 }

  constructor(run: string) {
    this.run = run
    this.#asked = { run, since: null, line: null, steps: true, row: false }
  }

  get isBehind(): boolean {
    return this.revision !== null && this.#announced > this.revision
  }

  /** Without a revision: something may have changed, and only a read can tell. */
  announce(revision = Number.POSITIVE_INFINITY): void {
    if (revision > this.#announced) this.#announced = revision
  }

  add(subscription: Subscription): void {
    this.subscriptions.add(subscription)
    this.#counts[subscription.form] += 1
  }

  remove(subscription: Subscription): void {
    if (!this.subscriptions.delete(subscription)) return
    this.#counts[subscription.form] -= 1
    if (this.#counts.withLogs === 0) this.#forgetLines()
  }

  /** Starts a read: what is announced from now on is not covered by it. */
  takeWant(): Want {
    this.#announced = this.revision ?? 0
    this.#asked = {
      run: this.run,
      since: this.revision,
      line: this.#line,
      steps: this.#showsSteps,
      row: this.#counts.row > 0,
    }
    return this.#asked
  }

  /** Sends what `takeWant` requested to every watcher, the same bytes to all of them; yields after each. */
  *spread(change: Change): Generator<void> {
    if (this.revision === null) return
    const wasFinal = this.#final && change.kind !== 'snapshot'
    const { since, line } = this.#asked
    const resume = Math.min(since ?? 0, this.#cutAfter ?? Number.POSITIVE_INFINITY)
    const frame = new Frame(change, { since: resume, wasFinal, after: line })
    this.#final = frame.final
    this.#rememberCut(frame)
    if (this.#isShort(frame)) this.announce()
    else this.#advance(change)
    for (const subscription of this.subscriptions) yield subscription.deliver(frame)
  }

  /**
   * Learns what newly joined watchers get. It may be older than what the others have, and contain fewer log lines.
   * False: there are more lines than it contains, and a watcher that wants them must read on alone, because nobody else
   * is read again from there.
   */
  learn(change: Change, { isCut, hasLines, before }: Frame): boolean {
    if (this.revision === null) this.#final = isFinal(change.status)
    const known = this.revision ?? change.revision
    const isOlder = change.revision < known
    this.revision = known
    if (isCut && (this.#line === null || change.line < this.#line)) return false
    if (hasLines) this.#learnLine(change, isOlder || isCut)
    if (hasLines && isOlder) this.revision = change.revision
    if (isCut) this.#cutAfter = Math.min(before, this.#cutAfter ?? before)
    return true
  }

  get #showsSteps(): boolean {
    return this.#counts.plain + this.#counts.withLogs > 0
  }

  /**
   * Whether a watcher has joined since that wants the steps, a row, or log lines (or more of them than requested): then
   * the topic is read once more, from where that watcher is.
   */
  #isShort({ hasSteps, hasRow }: Frame): boolean {
    const { row } = this.#counts
    return (
      (this.#showsSteps && !hasSteps) ||
      (row > 0 && !hasRow) ||
      (this.#line !== null && this.#line !== this.#asked.line)
    )
  }

  #advance(change: Change): void {
    if (this.revision === this.#asked.since) this.revision = change.revision
    this.#advanceLine(change)
  }

  forget(): void {
    this.revision = null
    this.#forgetLines()
    this.#announced = 0
  }

  #forgetLines(): void {
    this.#line = null
    this.#cutAfter = null
  }

  /** Until the last part is read, a client that is cut off resumes before the first: no id says which lines it has. */
  #rememberCut({ isCut, hasLines, before }: Frame): void {
    if (isCut) this.#cutAfter = before
    else if (hasLines && this.#line === this.#asked.line) this.#cutAfter = null
  }

  #learnLine({ line }: Change, isBehind: boolean): void {
    if (this.#line === null || line < this.#line) this.#line = line
    if (isBehind) this.announce()
  }

  #advanceLine({ line, isCut }: Change): void {
    if (this.#line === null) return
    this.#line = line
    if (isCut) this.announce()
  }
}
