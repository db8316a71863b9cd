import type { ServerResponse } from 'node:http'
import type { End, RunStatus } from '../../db/contract.ts'

export const READY = Buffer.from(': ready\n\n')
export const BEAT = Buffer.from(': beat\n\n')
/** The end of a stream whose token has ended: whoever has a new one may come back at once. */
export const EXPIRED = ': expired\n\nretry: 0\n\n'

const FINAL: ReadonlySet<string> = new Set<RunStatus>(['completed', 'failed', 'cancelled'])
const RECONNECT_MS = 1_000

/** A place in a run's history, as an SSE `id`: `<epoch>-<revision>`. */
export interface Place {
  epoch: string
  revision: number
}

/** Null for what was never one of our ids: such a watcher gets a snapshot. */
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

/** Without an id where there is no run to return to. */
export function endEvent(end: End, id?: string): string {
  const data = JSON.stringify(end)
  return id === undefined ? `event: end\ndata: ${data}\n\n` : event('end', data, id)
}

/** How long the client should wait before it comes back, so that not all come at once. */
export function retryLine(spreadMs = 0): string {
  return `retry: ${Math.round(RECONNECT_MS + Math.random() * spreadMs)}\n\n`
}

/** The head and the first bytes of a stream. No proxy may buffer, keep or compress it. */
export function openStream(res: ServerResponse): void {
  const { socket } = res
  socket?.setNoDelay(true)
  res.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  })
  // By itself, but in one packet: else the head would be kept in the forty pieces that Node makes it of, 2 KB of them.
  socket?.cork()
  res.flushHeaders()
  res.write(retryLine())
  socket?.uncork()
}
