import type { Snapshot } from '../db/contract.ts'
import { fetchAs, type GetToken } from './credentials.ts'
import { type Endpoint, isEventStream, postEvents, readText } from './events-request.ts'
import { fieldReader } from './fields.ts'
import { nameOf, type Target, type Wanted } from './target.ts'

/** When the stream has not gone on with it for so long, its connection is let go. */
const UNTAKEN_MS = 10_000

/** A request for events that was sent before the stream's own code had come. */
export interface Look {
  readonly src: string
  readonly token: string | null
  readonly getToken: GetToken | null
  readonly endpoint: Endpoint
  readonly targets: Map<string, Target>
  readonly listeners: Set<(snapshot: Snapshot) => void>
  readonly abort: AbortController
  /** Empty: it was not sent yet. */
  body: string
  /** Its own body is still to be read, from the beginning. */
  answer: Promise<Response> | null
  /** The stream goes on with it. */
  isTaken: boolean
}

/** Those that no stream has gone on with yet. */
const looks = new Set<Look>()

/**
 * Asks for a run just as the stream will, so that it can be drawn while the stream's code is on its way; what the elements of
 * one task want is one request. The listener is told of every snapshot that comes. Where tabs share, it is not asked for:
 * another tab may have the connection.
 */
export function lookAt({ target, src, token, getToken, share }: Wanted, listener: (snapshot: Snapshot) => void): void {
  if (share !== null) return
  const look = lookOf(src, token, getToken) ?? begin(src, token, getToken)
  if (look.body !== '') return
  look.targets.set(nameOf(target), target)
  look.listeners.add(listener)
}

function lookOf(src: string, token: string | null, getToken: GetToken | null): Look | undefined {
  return [...looks].find((each) => each.src === src && each.token === token && each.getToken === getToken)
}

/** It is the caller's to go on with, or to end. */
export function takeLook(src: string, token: string | null, getToken: GetToken | null): Look | undefined {
  const look = lookOf(src, token, getToken)
  if (look) looks.delete(look)
  return look
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
    body: '',
    answer: null,
    isTaken: false,
  }
  looks.add(look)
  queueMicrotask(() => send(look))
  return look
}

function send(look: Look): void {
  const { endpoint, abort, targets } = look
  look.body = JSON.stringify({ runs: [...targets.values()] })
  look.answer = postEvents(endpoint, look.body, false, abort.signal).then((response) => copy(response, look))
  // Whoever takes it is told.
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
