import type { ServerResponse } from 'node:http'
import { isGone } from '../gone.ts'
import { BEAT, EXPIRED, READY } from './sse.ts'

/** Bytes that may wait in this process for one watcher, besides the one frame that exceeded the limit. */
const BUFFER_LIMIT = 256 * 1024
const DRAIN_DEADLINE_MS = 30_000
/** After this the clock is read again: it may have been set meanwhile, which a timer does not notice. */
const LONGEST_WAIT_MS = 60_000

export interface WatcherOptions {
  /** The response ends with the run; otherwise it stays open for a retry or a newer run. */
  endsWithRun: boolean
  /** The response ends at this time, when the watcher's credentials expire. Default: never. */
  expiresAt?: Date | undefined
}

/**
 * One open stream. Never buffers without bound: while the client is slow, its frames are dropped, and whatever missed
 * one is notified when the buffer has drained. A client that does not drain it within 30 seconds is disconnected.
 */
export class Watcher {
  readonly endsWithRun: boolean
  /** Called once, when the client has gone or everything was sent. */
  onClose: (() => void) | undefined
  readonly #res: ServerResponse
  /** Called when the buffer has drained; null: nothing was dropped. */
  #missed: Set<() => void> | null = null
  #deadline: NodeJS.Timeout | undefined
  #expiry: NodeJS.Timeout | undefined
  #unsettled = 0
  #isReady = false
  /** Nothing has been written since `beat` was last called. */
  #isQuiet = false

  constructor(res: ServerResponse, options: WatcherOptions) {
    this.#res = res
    this.endsWithRun = options.endsWithRun
    // If the client has already gone, no `close` follows: the timer would stay until it expires.
    if (options.expiresAt && !this.closed) this.#expireAt(options.expiresAt)
    res.on('close', () => this.#left())
  }

  get closed(): boolean {
    return this.#res.writableEnded || isGone(this.#res)
  }

  /** False: too many bytes are already waiting, and more would be dropped; `whenDrained` says when they are gone. */
  hasRoom(): boolean {
    return this.closed || !this.#isFull() || this.#miss()
  }

  /** False: the bytes were dropped, because there is no room. */
  write(bytes: Buffer): boolean {
    if (this.closed || bytes.length === 0) return true
    if (!this.hasRoom()) return false
    this.#send(bytes)
    return true
  }

  /** For a caller whose bytes were dropped. Calls each function once, however often it was given. */
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

  /** A heartbeat if nothing was written since the last call. A client without room for it must drain, as always. */
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

  /** A line of its own says why, so that the client gets a new token before it reconnects. */
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

  /** Once something was dropped, true until everything is sent: what is repeated then must not follow newer bytes. */
  #isFull(): boolean {
    return this.#missed !== null || this.#res.writableLength > BUFFER_LIMIT
  }

  #writeComment(bytes: Buffer): void {
    if (!this.closed) this.#send(bytes)
  }

  /**
   * Writes at once and in one packet. Node itself would do it at the end of this turn of the event loop: for all
   * clients written to in it, and after whatever measures the duration of that has read the clock.
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
