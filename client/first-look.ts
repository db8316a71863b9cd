import type { Snapshot } from '../db/contract.ts'
import { fetchAs, type GetToken } from './credentials.ts'
import { isEventStream, postEvents, readText } from './events-request.ts'
import { fieldReader } from './fields.ts'
import { type Look, lookOf, looks } from './looks.ts'
import { nameOf, type Wanted } from './target.ts'

/** If the stream has not taken over the connection after this time, it is closed. */
const UNTAKEN_MS = 10_000

/**
 * Requests a run exactly as the stream will, so that it can be drawn while the stream's code is loading; all elements
 * of one task share one request. The listener is called with every snapshot that arrives. If tabs share a connection,
 * nothing is requested: another tab may have the connection.
 */
export function lookAt({ target, src, token, getToken, share }: Wanted, listener: (snapshot: Snapshot) => void): void {
  if (share !== null) return
  const look = lookOf(src, token, getToken) ?? begin(src, token, getToken)
  if (look.answer) return
  look.targets.set(nameOf(target), target)
  look.listeners.add(listener)
}

function begin(src: string, token: string | null, getToken: GetToken | null): Look {
  const look: Look = {
    src,
    token,
    getToken,
    endpoint: { src: src.replace(/\/+$/, ''), fetch: fetchAs((...it) => fetch(...it), token, getToken) },
    targets: new Map(),
    listeners: new Set(),
    abort: new AbortController(),
  }
  looks.add(look)
  queueMicrotask(() => send(look))
  return look
}

function send(look: Look): void {
  const { endpoint, abort, targets } = look
  look.body = JSON.stringify({ runs: [...targets.values()] })
  look.answer = postEvents(endpoint, look.body, false, abort.signal).then((response) => copy(response, look))
  // Whatever takes it over handles the error.
  look.answer.catch(() => {})
  setTimeout(() => look.isTaken || abort.abort(), UNTAKEN_MS)
}

function copy(response: Response, look: Look): Response {
  if (!isEventStream(response)) return response
  const [ours, theirs] = (response.body as ReadableStream<Uint8Array>).tee()
  const read = fieldReader(({ event, data = '' }) => {
    if (event === 'snapshot') for (const tell of look.listeners) tell(JSON.parse(data))
  })
  readText(ours, read, () => look.isTaken).catch(() => {})
  return new Response(theirs, response)
}
