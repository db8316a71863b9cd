import type { ServerResponse } from 'node:http'
import { isGone } from '../gone.ts'
import { BEAT, EXPIRED, READY } from './sse.ts'

/** Bytes that may wait in this process for one watcher, beside the one frame that went over it. */
const BUFFER_LIMIT = 256 * 1024
const DRAIN_DEADLINE_MS = 30_000
/** Then the clock is looked at again: it may have been set meanwhile, of which a timer knows nothing. */
const LONGEST_WAIT_MS = 60_000

export interface WatcherOptions {
  /** The response ends with the run; otherwise it stays open for a retry or a newer run. */
  endsWithRun: boolean
  /** The response ends then: who watches is no longer known. Default: never. */
  expiresAt?: Date | undefined
}

/**
 * One open stream. Never buffers without bound: while the client is slow its frames are dropped, and whoever missed one
 * hears of it when the buffer has drained; a client that does not drain within 30 seconds is let go.
 */
export class Watcher {
  readonly endsWithRun: boolean
  /** Called once, when the client has gone or everything was said. */
  onClose: (() => void) | undefined
  readonly #res: ServerResponse
  /** Who is told when the buffer has drained; null: nothing was dropped. */
  #missed: Set<() => void> | null = null
  #deadline: NodeJS.Timeout | undefined
  #expiry: NodeJS.Timeout | undefined
  #unsettled = 0
  #isReady = false
  /** Nothing was written since `beat` was last called. */
  #isQuiet = false

  constructor(res: ServerResponse, options: WatcherOptions) {
    this.#res = res
    this.endsWithRun = options.endsWithRun
    // A client that has gone already closes nothing any more: its timer would stay until then.
    if (options.expiresAt && !this.closed) this.#expireAt(options.expiresAt)
    res.on('close', () => this.#left())
  }

  get closed(): boolean {
    return this.#res.writableEnded || isGone(this.#res)
  }

  /** False: too many bytes are waiting already, and more would be dropped: `whenDrained` tells when they have gone. */
  hasRoom(): boolean {
    return this.closed || !this.#isFull() || this.#miss()
  }

  /** False: the bytes were dropped, as there is no room. */
  write(bytes: Buffer): boolean {
    if (this.closed || bytes.length === 0) return true
    if (!this.hasRoom()) return false
    this.#send(bytes)
    return true
  }

  /** For whoever's bytes were dropped. Calls each function once, however often it was given. */
  whenDrained(onDrain: () => void): void {
    this.#missed?.add(onDrain)
  }

  /** `: ready` follows, once, when all that was expected has settled. */
  expect(subscriptions: number): void {
    this.#unsettled += subscriptions
  }

  settled(): void {
    this.#unsettled -= 1
    if (this.#unsettled > 0 || this.#isReady) return
    this.#isReady = true
    this.#writeComment(READY)
  }

  /** A word where nothing was written since the last call. Who has no room for it must make some, as for any other. */
  beat(): void {
    if (!this.#isQuiet) this.#isQuiet = true
    else if (this.hasRoom()) this.#writeComment(BEAT)
  }

  end(lastBytes = ''): void {
    if (this.closed) return
    this.#res.end(lastBytes)
    this.#setDeadline()
  }

  destroy(): void {
    this.#res.destroy()
  }

  /** A line of its own says why: the client gets a new token before it comes back. */
  #expireAt(when: Date): void {
    const left = when.getTime() - Date.now()
    if (left <= 0) this.end(EXPIRED)
    else this.#expiry = setTimeout(() => this.#expireAt(when), Math.min(left, LONGEST_WAIT_MS))
  }

  #left(): void {
    clearTimeout(this.#deadline)
    clearTimeout(this.#expiry)
    this.onClose?.()
  }

  /** Also until all has gone, once something was dropped: what is said again then must not come after what is newer. */
  #isFull(): boolean {
    return this.#missed !== null || this.#res.writableLength > BUFFER_LIMIT
  }

  #writeComment(bytes: Buffer): void {
    if (!this.closed) this.#send(bytes)
  }

  /**
   * At once and in one packet. Left to itself Node would do it when this turn of the event loop ends: for all who are
   * written to in it, after whoever measures how long that takes has looked at the clock.
   */
  #send(bytes: Buffer): void {
    const { socket } = this.#res
    this.#isQuiet = false
    socket?.cork()
    this.#res.write(bytes)
    socket?.uncork()
  }

  #miss(): false {
    if (this.#missed === null) {
      this.#missed = new Set()
      this.#res.once('drain', () => this.#drained())
      this.#setDeadline()
    }
    return false
  }

  #setDeadline(): void {
    this.#deadline ??= setTimeout(() => this.destroy(), DRAIN_DEADLINE_MS)
  }

  #drained(): void {
    clearTimeout(this.#deadline)
    this.#deadline = undefined
    const missed = this.#missed ?? []
    this.#missed = null
    for (const onDrain of missed) onDrain()
  }
}
