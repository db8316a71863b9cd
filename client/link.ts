import { type Connection, connect } from './connection.ts'
import type { Line, LinkOptions } from './line.ts'
import { type RequestError, unreachable } from './problem.ts'
import type { ConnectionState, ConnectionStatus } from './status.ts'
import { waitBefore } from './timings.ts'

/** Keeps one connection to the server for all watches, whatever happens to it. */
export class Link implements Line {
  status: ConnectionStatus = { state: 'connecting', since: Date.now(), error: null }
  readonly #options: LinkOptions
  /** The connection that delivers events. */
  #active: Connection | null = null
  /** Will replace the active one as soon as it is ready. */
  #opening: Connection | null = null
  #openedAt = 0
  #attempt = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  #stopPolling: (() => void) | null = null

  constructor(options: LinkOptions) {
    this.#options = options
  }

  /** Opens a connection for what is watched now; the previous one is closed when the new one is ready. */
  renew(): void {
    this.#options.watches.refusal = null
    this.#open()
  }

  #open(): void {
    const { endpoint, timings, watches } = this.#options
    this.#cancelTry()
    if (this.status.state === 'closed') this.#setStatus('connecting', null)
    const logs = watches.wantLogs()
    const arrival = watches.arrive(logs)
    const connection = connect(
      { ...endpoint, runs: watches.subscriptions(logs), logs, timings },
      {
        onEvent: (event) => {
          if (!this.#active) this.#promote(connection)
          arrival.apply(event)
        },
        onReady: () => {
          this.#promote(connection)
          arrival.ready()
        },
        onSilent: () => this.#fallBack(connection),
        onEnd: (error, retryMs) => this.#lose(connection, error, retryMs),
      },
    )
    this.#opening = connection
  }

  wake(lost: boolean): void {
    if (this.status.state === 'closed') return
    const waiting = this.#retry !== undefined || !(this.#active || this.#opening)
    const doubtful = this.#active && Date.now() - this.#active.lastSign > this.#options.timings.doubtMs
    if (doubtful) this.#setStatus('reconnecting', null)
    if (waiting || doubtful || lost) this.restart()
  }

  restart(): void {
    this.#attempt = 0
    this.renew()
  }

  rest(): void {
    if (this.status.state !== 'closed') this.#end('reconnecting', null)
  }

  stop(state: 'closed' | 'connecting'): void {
    this.#end(state, null)
  }

  #end(state: ConnectionState, error: RequestError | null): void {
    this.#cancelTry()
    this.#endPolling()
    this.#active?.close()
    this.#active = null
    this.#attempt = 0
    this.#setStatus(state, error)
  }

  #promote(connection: Connection): void {
    if (connection !== this.#opening) return
    this.#opening = null
    this.#active?.close()
    this.#active = connection
    this.#openedAt = Date.now()
    this.#endPolling()
    this.#setStatus('live', null)
    // The code for a lost connection is loaded while there is a connection; a browser requests a module that failed
    // only once.
    Promise.all([import('./polling.ts'), import('./refusal.ts')]).catch(() => {})
  }

  /** What comes in place of events that have come before, such as a proxy's page during a deploy, goes again. */
  #lose(connection: Connection, error: RequestError, retryMs: number | null): void {
    const isPassing = error.status === 406 && this.status.state !== 'connecting'
    if (isPassing || !error.final) this.#recover(connection, error, retryMs)
    else this.#endOrGoOn(error)
  }

  /**
   * If what was added is refused, such as one list too many, the rest continues. A user who may no longer see anything
   * is refused everything.
   */
  #endOrGoOn(error: RequestError): void {
    const { watches, onStatus } = this.#options
    const isAll = watches.refusal || /40[13]/.test(`${error.status}`)
    watches.refusal = { ...this.status, state: 'closed', error }
    this.#opening = null
    if (isAll || !watches.subscriptions(false).length) this.#end('closed', error)
    else if (!this.#active) this.#open()
    onStatus()
  }

  #recover(connection: Connection, error: RequestError, retryMs: number | null): void {
    const { timings } = this.#options
    const wasOpen = connection === this.#active
    if (wasOpen) this.#active = null
    else this.#opening = null
    if (!this.#active && !this.#stopPolling) this.#setStatus('reconnecting', error)
    if (this.#opening) return
    const wasStable = wasOpen && Date.now() - this.#openedAt > timings.stableMs
    this.#attempt = wasStable ? 0 : this.#attempt + 1
    const asked = { retryMs, retryAfterMs: error.retryAfterMs }
    this.#tryIn(Math.max(this.#stopPolling ? timings.pollRetryMs : 0, waitBefore(this.#attempt, asked, timings)))
  }

  /** A proxy buffers the stream: poll instead, and try the stream from time to time. */
  #fallBack(connection: Connection): void {
    if (connection === this.#opening) this.#opening = null
    this.#active?.close()
    this.#active = null
    this.#stopPolling ??= this.#startPolling()
    if (!this.#opening) this.#tryIn(this.#options.timings.pollRetryMs)
  }

  /**
   * Few pages ever need it: its code loads after the first drawing. If it cannot be loaded, only the stream is tried.
   */
  #startPolling(): () => void {
    const over = new AbortController()
    const listener = {
      onRound: () => {
        // responses arrive again after a time without: the stream may get through too
        if (this.status.state === 'reconnecting' && this.status.error && !this.#opening) this.renew()
        this.#setStatus('polling', null)
      },
      onError: (error: RequestError) => {
        if (error.final) this.#end('closed', error)
        else this.#setStatus('reconnecting', error)
      },
    }
    import('./polling.ts').then(
      ({ poll }) => over.signal.aborted || poll(this.#options, listener, over.signal),
      (error) => {
        this.#endPolling()
        listener.onError(unreachable(error))
      },
    )
    return () => over.abort()
  }

  #endPolling(): void {
    this.#stopPolling?.()
    this.#stopPolling = null
  }

  #tryIn(ms: number): void {
    this.#cancelTry()
    this.#retry = setTimeout(() => this.renew(), ms)
  }

  #cancelTry(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#opening?.close()
    this.#opening = null
  }

  #setStatus(state: ConnectionState, error: RequestError | null): void {
    const { status } = this
    if (status.state === state && status.error === error) return
    this.status = { state, since: status.state === state ? status.since : Date.now(), error }
    this.#options.onStatus()
  }
}
