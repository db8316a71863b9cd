import type { Change, RunKey } from '../../db/changes.ts'
import type { End } from '../../db/contract.ts'
import type { View } from '../access/access.ts'
import type { Frame } from './frame.ts'
import { endEvent, isFinal, type Place } from './sse.ts'
import type { Watcher } from './watcher.ts'

/** Frames that may gather while a snapshot is read; a watcher that needs longer is let go and comes again. */
const PENDING_LIMIT = 1_000

/** What is shown of a run: as a row of a list, with its steps, or with its log lines too. */
export type Form = 'row' | 'plain' | 'withLogs'

/** Where a watcher is in a run's history; with `log`, in the middle of the lines up to there. */
export interface Reached extends Place {
  log?: {
    /** The last line that it has. */
    line: number
    /** Where it resumes if it is cut off before it has them all; 0: nowhere. */
    before: number
  }
}

/** The application's own name for a run: the newest under it is followed. */
export interface Key extends RunKey {
  /** What this watcher sees of the run that has become the newest; null: nothing. */
  viewOf: (run: string) => Promise<View | null>
}

export interface SubscriptionOptions {
  form: Form
  key: Key | null
  /** It missed something, and the client has caught up. */
  rejoin: (subscription: Subscription) => void
}

/**
 * One run, or one key, that a watcher follows. `joining`: its snapshot is being read, frames gather; `live`: frames go
 * out; `stale`: it missed one and waits to join again; `idle`: there is no run (yet, or any more).
 */
export class Subscription {
  readonly watcher: Watcher
  readonly form: Form
  readonly key: Key | null
  run: string | null = null
  view: View = 'public'
  /** What the watcher has already; null: nothing, it needs a snapshot. */
  since: Reached | null = null
  state: 'joining' | 'live' | 'stale' | 'idle' = 'idle'
  /** It joins because it missed something: its watcher is slow. */
  isSlow = false
  readonly #rejoin: (subscription: Subscription) => void
  #revision = 0
  #line = 0
  /** What gathers while it joins; null: nothing yet. */
  #pending: Frame[] | null = null
  #settled = false
  #isShown = false
  /** It was told that the run has ended. */
  #knowsEnd = false

  constructor(watcher: Watcher, { form, key, rejoin }: SubscriptionOptions) {
    this.watcher = watcher
    this.form = form
    this.key = key
    this.#rejoin = rejoin
  }

  join(since: Place | null): void {
    this.isSlow = this.state === 'stale'
    this.state = 'joining'
    this.since = since
    this.#revision = 0
    this.#line = 0
    this.#pending = null
    this.#knowsEnd = false
  }

  /**
   * A patch suits only a watcher of the same epoch that is not ahead of it, and a reconnect to a
   * finished run gets its snapshot.
   */
  accepts(change: Change): boolean {
    if (change.kind === 'snapshot') return true
    const { since } = this
    const isSuited = since?.epoch === change.epoch && since.revision <= change.revision
    return isSuited && (since.log !== undefined || !isFinal(change.status))
  }

  /** There are more log lines behind it than one read brings: it stays joining, and the next read goes on from there. */
  readOn(frame: Frame, reached: Reached): void {
    this.#pending = null
    this.since = reached
    if (this.#send(frame)) this.settle()
  }

  /** Its snapshot (or what it missed) has been read; what gathered meanwhile follows, less what is older. */
  land(frame: Frame): void {
    const pending = this.#pending ?? []
    this.#pending = null
    this.state = 'live'
    // What was dropped lands again.
    if (this.#send(frame)) this.settle()
    for (const later of pending) this.deliver(later)
    this.#finish(frame)
  }

  deliver(frame: Frame): void {
    if (!this.#isMeant(frame)) return
    if (this.state === 'joining') this.#gather(frame)
    if (this.state !== 'live' || this.#lacksLinesBefore(frame)) return
    if (this.#isNews(frame)) this.#send(frame)
    this.#finish(frame)
  }

  /**
   * The run is not there, not any more, or not in a list any more. A row that was never shown needs no farewell, and
   * one that was shown was there: after a crash or a failover that lost its run, nothing else knows that.
   */
  leave(reason: End['reason'], run: string): void {
    const isNews = this.form !== 'row' || this.#isShown
    this.run = null
    this.state = 'idle'
    if (isNews) this.#say(this.form === 'row' && reason === 'not-found' ? 'deleted' : reason, run)
    else this.settle()
    if (this.watcher.endsWithRun) this.watcher.end()
  }

  settle(): void {
    if (this.#settled) return
    this.#settled = true
    this.watcher.settled()
  }

  /** Said again when the client has caught up, if it did not get through. */
  #say(reason: End['reason'], run: string): void {
    const bytes = Buffer.from(endEvent({ run: { id: run, revision: this.#revision, status: null }, reason }))
    const say = () => {
      if (this.watcher.write(bytes)) this.settle()
      else this.watcher.whenDrained(say)
    }
    say()
    this.#isShown = false
  }

  #gather(frame: Frame): void {
    this.#pending ??= []
    this.#pending.push(frame)
    if (this.#pending.length > PENDING_LIMIT) this.watcher.destroy()
  }

  /** A frame that lacks what is shown here is followed by one that has it. */
  #isMeant({ hasRow, hasSteps, hasLines }: Frame): boolean {
    if (this.form === 'row') return hasRow
    return hasSteps && (hasLines || this.form === 'plain')
  }

  /** It joined with fewer lines than the others had: the next read begins where it is (see Topic). */
  #lacksLinesBefore({ after }: Frame): boolean {
    return this.form === 'withLogs' && after !== null && after > this.#line
  }

  /** At the same revision there can be log lines that an earlier read was not asked for. */
  #isNews({ revision, line }: Frame): boolean {
    return revision > this.#revision || (revision === this.#revision && this.form === 'withLogs' && line > this.#line)
  }

  /** False: it was dropped. */
  #send(frame: Frame): boolean {
    // Looked at first: else bytes are made only to be dropped.
    const isSent = this.watcher.hasRoom() && this.watcher.write(frame[this.view][this.form])
    if (isSent) this.#isShown = true
    else this.miss()
    this.#knowsEnd = frame.saysEnd ? !this.#lacksLines(frame) : frame.final && this.#knowsEnd
    this.#revision = frame.revision
    this.#line = Math.max(this.#line, frame.line)
    return isSent
  }

  /** It joins again when the client has caught up, which is for a watcher that has no room. */
  miss(): void {
    this.state = 'stale'
    this.watcher.whenDrained(() => {
      // It may have joined another run meanwhile, whose snapshot is on its way.
      if (this.state === 'stale') this.#rejoin(this)
    })
  }

  /** What ends with its run ends when all of it was sent, which may be by a frame without news. */
  #finish(frame: Frame): void {
    if (this.state !== 'live' || frame.revision < this.#revision) return
    if (!frame.final || this.#lacksLines(frame)) return
    if (this.form !== 'row' && !this.#knowsEnd && !this.#tellEnd(frame)) this.miss()
    else if (this.watcher.endsWithRun) this.watcher.end()
  }

  #tellEnd({ end }: Frame): boolean {
    this.#knowsEnd = this.watcher.write(end)
    return this.#knowsEnd
  }

  /** Of the last log lines some are still to come: the end is kept back. */
  #lacksLines({ isCut }: Frame): boolean {
    return isCut && this.form === 'withLogs'
  }
}
