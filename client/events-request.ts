import type { FetchAs } from './credentials.ts'

/** Where requests are sent, and with which credentials. */
export interface Endpoint {
  /** Address of the server's mount point, without a trailing slash. */
  src: string
  fetch: FetchAs
}

/** Requests the events of what the body names. */
export function postEvents(endpoint: Endpoint, body: string, logs: boolean, signal: AbortSignal): Promise<Response> {
  return endpoint.fetch(`${endpoint.src}/events${logs ? '?logs=1' : ''}`, {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
    body,
    cache: 'no-store',
    signal,
  })
}

export function isEventStream({ ok, body, headers }: Response): boolean {
  return ok && body !== null && !!headers.get('content-type')?.startsWith('text/event-stream')
}

/** Reads a body as text, piece by piece, until its end or until `isOver`. */
export async function readText(
  body: ReadableStream<Uint8Array>,
  onPiece: (piece: string) => void,
  isOver: () => boolean | undefined,
): Promise<void> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  for (let next = await reader.read(); !next.done && !isOver(); next = await reader.read()) {
    onPiece(decoder.decode(next.value, { stream: true }))
  }
  await reader.cancel()
}
