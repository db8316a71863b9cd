import type { ServerResponse } from 'node:http'
import type { End, RunStatus } from '../../db/contract.ts'

export const READY = Buffer.from(': ready\n\n')
export const BEAT = Buffer.from(': beat\n\n')
/** The end of a stream whose token has expired: a client with a new one may reconnect at once. */
export const EXPIRED = ': expired\n\nretry: 0\n\n'

const FINAL: ReadonlySet<string> = new Set<RunStatus>(['completed', 'failed', 'cancelled'])
const RECONNECT_MS = 1_000

/** A place in a run's history, as an SSE `id`: `<epoch>-<revision>`. */
export interface Place {
  epoch: string
  revision: number
}

/** null for what was never one of our ids: such a watcher gets a snapshot. */
export function parsePlace(id: string | undefined): Place | null {
  const [, epoch, revision] = /^(.{1,64})-(\d{1,15})$/.exec(id ?? '') ?? []
  return epoch && revision ? { epoch, revision: Number(revision) } : null
}

export function isFinal(status: RunStatus): boolean {
  return FINAL.has(status)
}

export function event(name: string, data: string, id: string): string {
  return `id: ${id}\nevent: ${name}\ndata: ${data}\n\n`
}

/** Without an id if there is no run to resume. */
export function endEvent(end: End, id?: string): string {
  const data = JSON.stringify(end)
  return id === undefined ? `event: end\ndata: ${data}\n\n` : event('end', data, id)
}

/** How long the client should wait before it reconnects, spread so that not all reconnect at once. */
export function retryLine(spreadMs = 0): string {
  return `retry: ${Math.round(RECONNECT_MS + Math.random() * spreadMs)}\n\n`
}

/** Sends the headers and the first bytes of a stream. No proxy may buffer, cache or compress it. */
export function openStream(res: ServerResponse): void {
  const { socket } = res
  socket?.setNoDelay(true)
  res.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  })
  // Headers separately, but in one packet: else Node would keep the forty pieces that it makes them of, 2 KB in all.
  socket?.cork()
  res.flushHeaders()
  res.write(retryLine())
  socket?.uncork()
}
