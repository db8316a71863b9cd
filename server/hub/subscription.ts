import type { Change, RunKey } from '../../db/changes.ts'
import type { End } from '../../db/contract.ts'
import type { View } from '../access/access.ts'
import type { Frame } from './frame.ts'
import { endEvent, isFinal, type Place } from './sse.ts'
import type { Watcher } from './watcher.ts'

/** Frames that may be collected while a snapshot is read; a watcher that needs more is disconnected, and reconnects. */
const PENDING_LIMIT = 1_000

/** How a run is shown: as a row of a list, with its steps, or with its log lines too. */
export type Form = 'row' | 'plain' | 'withLogs'

/** Where a watcher is in a run's history; with `log`, in the middle of the lines up to that revision. */
export interface Reached extends Place {
  log?: {
    /** The last line that it has. */
    line: number
    /** The revision at which it resumes if it is cut off before it has all lines; 0: none. */
    before: number
  }
}

/** The application's own name for a run: the newest run under it is followed. */
export interface Key extends RunKey {
  /** How much this watcher sees of the run that has become the newest; null: nothing. */
  viewOf: (run: string) => Promise<View | null>
}

export interface SubscriptionOptions {
  form: Form
  key: Key | null
  /** Called when it has missed something, and the client has caught up. */
  rejoin: (subscription: Subscription) => void
}

/**
 * One run, or one key, that a watcher follows. `joining`: its snapshot is being read, frames are collected; `live`:
 * frames are sent; `stale`: it missed a frame and waits to join again; `idle`: there is no run (yet, or any more).
 */
export class Subscription {
  readonly watcher: Watcher
  readonly form: Form
  readonly key: Key | null
  run: string | null = null
  view: View = 'public'
  /** What the watcher already has; null: nothing, it needs a snapshot. */
  since: Reached | null = null
  state: 'joining' | 'live' | 'stale' | 'idle' = 'idle'
  /** It joins because it missed something: its watcher is slow. */
  isSlow = false
  readonly #rejoin: (subscription: Subscription) => void
  #revision = 0
  #line = 0
  /** Frames collected while it joins; null: none yet. */
  #pending: Frame[] | null = null
  #settled = false
  #isShown = false
  /** The watcher was told that the run has ended. */
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
   * Whether the change suits the watcher: a patch suits only one of the same epoch that is not ahead of it, and a
   * reconnect to a finished run gets a snapshot.
   */
  accepts(change: Change): boolean {
    if (change.kind === 'snapshot') return true
    const { since } = this
    const isSuited = since?.epoch === change.epoch && since.revision <= change.revision
    return isSuited && (since.log !== undefined || !isFinal(change.status))
  }

  /** There are more log lines than one read brings: it stays `joining`, and the next read continues from here. */
  readOn(frame: Frame, reached: Reached): void {
    this.#pending = null
    this.since = reached
    if (this.#send(frame)) this.settle()
  }

  /** Its snapshot (or what it missed) has been read; the frames collected meanwhile follow, except older ones. */
  land(frame: Frame): void {
    const pending = this.#pending ?? []
    this.#pending = null
    this.state = 'live'
    // If it was dropped, it will land again.
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
   * The run does not exist, no longer exists, or has left a list. A row that was never shown needs no `end`. One that
   * was shown did exist: after a crash or a failover that lost its run, nothing else knows that.
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

  /** Sends an end; repeats it when the client has caught up, if it was dropped. */
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

  /** Whether the frame has what is shown here; one that lacks it is followed by one that has it. */
  #isMeant({ hasRow, hasSteps, hasLines }: Frame): boolean {
    if (this.form === 'row') return hasRow
    return hasSteps && (hasLines || this.form === 'plain')
  }

  /** Whether it joined with fewer lines than the others have: the next read begins where it is (see Topic). */
  #lacksLinesBefore({ after }: Frame): boolean {
    return this.form === 'withLogs' && after !== null && after > this.#line
  }

  /** Also true at the same revision, if there are log lines that an earlier read did not request. */
  #isNews({ revision, line }: Frame): boolean {
    return revision > this.#revision || (revision === this.#revision && this.form === 'withLogs' && line > this.#line)
  }

  /** False: it was dropped. */
  #send(frame: Frame): boolean {
    // Room is checked first: else bytes would be made only to be dropped.
    const isSent = this.watcher.hasRoom() && this.watcher.write(frame[this.view][this.form])
    if (isSent) this.#isShown = true
    else this.miss()
    this.#knowsEnd = frame.saysEnd ? !this.#lacksLines(frame) : frame.final && this.#knowsEnd
    this.#revision = frame.revision
    this.#line = Math.max(this.#line, frame.line)
    return isSent
  }

  /** For a watcher that has no room: joins again when the client has caught up. */
  miss(): void {
    this.state = 'stale'
    this.watcher.whenDrained(() => {
      // It may meanwhile have joined another run, whose snapshot is on its way.
      if (this.state === 'stale') this.#rejoin(this)
    })
  }

  /** A stream that ends with its run ends when everything was sent, which a frame without news may complete. */
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

  /** Whether some of the last log lines are still to come: the end is kept back until then. */
  #lacksLines({ isCut }: Frame): boolean {
    return isCut && this.form === 'withLogs'
  }
}
