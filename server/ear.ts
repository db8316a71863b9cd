import { Socket } from 'node:net'
import pgListen from 'pg-listen'
import type { Logger } from '../db/logger.ts'
import { namePooler, PoolerError } from '../db/pooled.ts'
import { within } from '../db/within.ts'

const SECOND = 1_000
const CONNECT_WITHIN_MS = 5 * SECOND
const KEEPALIVE_AFTER_MS = 10 * SECOND
const LONGEST_PAUSE_MS = 5 * SECOND
const GOODBYE_MS = SECOND

export interface EarOptions {
  url: string
  /** At most two: pg wants queries one after the other, and pg-listen restores all channels at once. */
  channels: [string, string]
  onPayload: (channel: string, payload: unknown) => void
  /** Called when it listens to all channels, for the first time or again: what was sent meanwhile is lost. */
  onListening: () => void
  /** Called when a pooler refuses the session settings in the connection string. */
  onRefused: () => void
  logger: Logger
}

export interface Ear {
  readonly isListening: boolean
  /** Resolves within a second, whatever state the network is in. */
  close(): Promise<void>
}

/** One listening connection that never gives up connecting. */
export function openEar({ url, channels, onPayload, onListening, onRefused, logger }: EarOptions): Ear {
  const sockets = new Set<Socket>()
  let closed = false
  let isListening = false

  // pg-listen keeps trying to connect after close(): it stops when either of these throws.
  const connection = {
    connectionString: url,
    application_name: 'stepcast listener',
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    keepAliveInitialDelayMillis: KEEPALIVE_AFTER_MS,
    stream: () => refuseIfClosed(openSocket(sockets)),
  }
  const retryInterval = (attempt: number) => refuseIfClosed(Math.min(LONGEST_PAUSE_MS, 100 * 2 ** attempt))
  const retry = {
    retryInterval,
    retryLimit: Number.POSITIVE_INFINITY,
    retryTimeout: 0,
    paranoidChecking: false as const,
    parse: parsePayload,
  }
  const subscriber = pgListen.default(connection, retry)

  function refuseIfClosed<T>(value: T): T {
    if (closed) throw new Error('The listener was closed')
    return value
  }

  function complain(error: unknown): void {
    if (closed) return
    if (namePooler(error) instanceof PoolerError) onRefused()
    else logger.warn({ err: error }, 'the listening connection failed; connecting again')
  }

  async function listen(): Promise<void> {
    if (closed) return subscriber.close()
    for (const channel of channels) await subscriber.listenTo(channel)
    isListening = true
    onListening()
  }

  subscriber.events.on('error', complain)
  subscriber.events.on('reconnect', (attempt) => {
    if (attempt === 1) complain(new Error('it was lost'))
    isListening = false
  })
  subscriber.events.on('connected', () => listen().catch(complain))
  subscriber.events.on('notification', ({ channel, payload }) => onPayload(channel, payload))
  // A first connection that fails is tried again, like one that was lost.
  subscriber.connect().catch(complain)

  return {
    get isListening() {
      return isListening
    },
    async close() {
      closed = true
      await within(GOODBYE_MS, subscriber.close()).catch(() => {})
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Every login can notify, of anything: what is no JSON is nothing of ours, and no fault of the connection. */
function parsePayload(payload: string): unknown {
  try {
    return JSON.parse(payload)
  } catch {
    return undefined
  }
}

/** Sockets are kept, because a dead connection can only be closed through its socket. */
function openSocket(sockets: Set<Socket>): Socket {
  const socket = new Socket()
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
  return socket
}
