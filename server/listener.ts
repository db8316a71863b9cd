import { randomBytes } from 'node:crypto'
import { CHANNEL } from '../db/changes.ts'
import type { Logger } from '../db/logger.ts'
import { PoolerError, withOwnSettings } from '../db/pooled.ts'
import { type Ear, openEar } from './ear.ts'

const BEAT_MS = 3_000
/** Beats between two attempts to hear again, doubled each time up to this. */
const MOST_BEATS_BETWEEN = 20

export interface ListenerOptions {
  url: string
  /** Sends by another connection than the one that listens: what is tested is whether others are heard. */
  notify: (channel: string, payload: string) => Promise<unknown>
  onPayload: (payload: unknown) => void
  /** Notifications may have been lost until now. */
  onListening: () => void
  /** Told whether a notification of its own has come back. */
  onHears: (itself: boolean) => void
  logger: Logger
  pollMs: number
}

/**
 * Hears what the database announces. A connection can be dead, or go astray in a pooler, without anyone saying so:
 * every three seconds a notification to a channel of its own must come back, else the connection is made anew.
 */
export class Listener {
  readonly #options: ListenerOptions
  readonly #beatChannel = `stepcast_beat_${randomBytes(6).toString('hex')}`
  readonly #timer: NodeJS.Timeout
  #ear: Ear
  #sent = 0
  #committed = 0
  #heard = 0
  /** What must have been heard by the next check. */
  #due = 0
  #attempts = 0
  #beatsToWait = 0
  #isBlamed = false
  /** A pooler has refused our settings; one in session mode does well without. */
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
    // Also where LISTEN was refused, as by a standby, or no connection can be made.
    const isDeaf = this.#due > this.#heard
    if (!this.#ear.isListening) this.#options.onHears(false)
    this.#due = this.#committed
    if (isDeaf) this.#beatsToWait -= 1
    if (this.#beatsToWait < 0) this.#replace()
    else this.#beat()
  }

  /** A beat that could not be sent says nothing about who listens. */
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

  /** Where it is a pooler that refuses, LISTEN leads through it too. */
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
