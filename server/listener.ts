import { randomBytes } from 'node:crypto'
import { CHANNEL } from '../db/changes.ts'
import type { Logger } from '../db/logger.ts'
import { PoolerError, withOwnSettings } from '../db/pooled.ts'
import { type Ear, openEar } from './ear.ts'

const BEAT_MS = 3_000
/** The most beats between two attempts to reconnect; their number doubles each time up to this. */
const MOST_BEATS_BETWEEN = 20

export interface ListenerOptions {
  url: string
  /** Sends over another connection than the one that listens: the test is whether others are heard. */
  notify: (channel: string, payload: string) => Promise<unknown>
  onPayload: (payload: unknown) => void
  /** Called when it listens again: notifications may have been lost until now. */
  onListening: () => void
  /** Called with whether a notification of its own has come back. */
  onHears: (itself: boolean) => void
  logger: Logger
  pollMs: number
}

/**
 * Receives the database's notifications. A connection can be dead, or lost in a pooler, without any error: every three
 * seconds a notification to a channel of its own must come back, else the connection is replaced.
 */
export class Listener {
  readonly #options: ListenerOptions
  readonly #beatChannel = `stepcast_beat_${randomBytes(6).toString('hex')}`
  readonly #timer: NodeJS.Timeout
  #ear: Ear
  #sent = 0
  #committed = 0
  #heard = 0
  /** The number of the beat that must have come back by the next check. */
  #due = 0
  #attempts = 0
  #beatsToWait = 0
  #isBlamed = false
  /** A pooler has refused our session settings; a pooler in session mode works without them. */
  #isPlain = false

  constructor(options: ListenerOptions) {
    this.#options = options
    this.#ear = this.#open()
    this.#timer = setInterval(() => this.#check(), BEAT_MS).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#ear.close()
  }

  #open(): Ear {
    const { logger, onPayload, onListening } = this.#options
    return openEar({
      url: this.#isPlain ? this.#options.url : withOwnSettings(this.#options.url),
      logger,
      channels: [CHANNEL, this.#beatChannel],
      onPayload: (channel, payload) => (channel === CHANNEL ? onPayload(payload) : this.#hear(Number(payload))),
      onListening: () => {
        this.#committed = this.#heard
        this.#due = this.#heard
        onListening()
        this.#beat()
      },
      onRefused: () => this.#goPlain(),
    })
  }

  #goPlain(): void {
    if (this.#isPlain) return
    this.#isPlain = true
    this.#change()
  }

  #check(): void {
    // Also if LISTEN was refused, for instance by a standby, or if there is no connection.
    const isDeaf = this.#due > this.#heard
    if (!this.#ear.isListening) this.#options.onHears(false)
    this.#due = this.#committed
    if (isDeaf) this.#beatsToWait -= 1
    if (this.#beatsToWait < 0) this.#replace()
    else this.#beat()
  }

  /** A beat that could not be sent says nothing about the listening connection. */
  #beat(): void {
    this.#sent += 1
    const beat = this.#sent
    this.#options.notify(this.#beatChannel, String(beat)).then(
      () => {
        this.#committed = beat
      },
      (error) => this.#blame(error),
    )
  }

  /** If a pooler refuses, LISTEN leads through it too. */
  #blame(error: unknown): void {
    if (!(error instanceof PoolerError) || this.#isBlamed) return
    this.#isBlamed = true
    this.#options.logger.error({ err: error }, error.message)
  }

  #hear(beat: number): void {
    this.#heard = beat
    this.#options.onHears(true)
    if (this.#attempts > 0) this.#options.logger.info({}, 'notifications are heard again')
    this.#attempts = 0
    this.#beatsToWait = 0
  }

  #replace(): void {
    this.#options.onHears(false)
    if (this.#attempts === 0) this.#options.logger.error({}, this.#whyDeaf())
    this.#attempts += 1
    this.#beatsToWait = Math.min(MOST_BEATS_BETWEEN, 2 ** this.#attempts)
    this.#change()
  }

  #change(): void {
    const before = this.#ear
    this.#ear = this.#open()
    before.close()
  }

  #whyDeaf(): string {
    const meanwhile = `Until then runs are polled every ${this.#options.pollMs} ms.`
    if (!this.#ear.isListening) return `LISTEN cannot be begun: connecting anew. ${meanwhile}`
    if (this.#heard > 0) return `The listening connection fell silent: connecting anew. ${meanwhile}`
    const guess = 'its connection leads through a pooler in transaction mode, or to another database'
    const advice = 'give the server a direct connection as listenUrl (STEPCAST_LISTEN_URL)'
    return `LISTEN does not hear what this database announces: most likely ${guess}; ${advice}. ${meanwhile}`
  }
}
