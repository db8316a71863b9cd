import type { Subscription } from '../db/contract.ts'
import { type Endpoint, isEventStream, postEvents, readText } from './events-request.ts'
import { fieldReader } from './fields.ts'
import { RequestError, unreachable } from './problem.ts'
import type { RunEvent } from './reducer.ts'
import type { RowEvent } from './row-events.ts'
import type { Timings } from './timings.ts'

export interface ConnectionRequest extends Endpoint {
  runs: Subscription[]
  logs: boolean
  timings: Timings
}

/** What one connection tells whoever opened it; nothing after `close()`, and nothing after `onSilent` or `onEnd`. */
export interface ConnectionListener {
  onEvent(event: RunEvent | RowEvent): void
  /** All first snapshots have come. */
  onReady(): void
  /** Opened or not, nothing came through in time: a proxy may be holding it back. */
  onSilent(): void
  /** It ended, and why. `retryMs`: how long the server asks to wait; null: it did not say. */
  onEnd(error: RequestError, retryMs: number | null): void
}

export interface Connection {
  /** When the last byte came, by the local clock; of a new one, when it was asked for. */
  readonly lastSign: number
  close(): void
}

/**
 * Why a connection was closed. A signal that is given no reason keeps an error with its stack, and thereby what closed
 * it: one connection would keep the next, and the first of a page all that ever were.
 */
const CLOSED = 'closed'

/** Opens one `POST /events` and reads it until it ends, falls silent or is closed. */
export function connect(request: ConnectionRequest, listener: ConnectionListener): Connection {
  const abort = new AbortController()
  const connection = { lastSign: Date.now(), close }
  let timer = setTimeout(fallSilent, request.timings.openMs)
  let retryMs: number | null = null
  let isReady = false

  const read = fieldReader(({ '': comment, retry, event, id, data }) => {
    if (abort.signal.aborted) return
    if (Number(retry) >= 0) retryMs = Number(retry)
    if (comment === 'ready') {
      isReady = true
      listener.onReady()
    }
    if (comment === 'expired') request.fetch.ended = true
    if (data && isKnown(event)) listener.onEvent(readEvent(event, data, id ?? null))
  })

  function close() {
    clearTimeout(timer)
    abort.abort(CLOSED)
  }

  function fallSilent() {
    if (abort.signal.aborted) return
    close()
    listener.onSilent()
  }

  function end(error: unknown) {
    if (abort.signal.aborted) return
    close()
    listener.onEnd(unreachable(error), retryMs)
  }

  function wait(ms: number, then: () => void) {
    clearTimeout(timer)
    timer = setTimeout(then, ms)
  }

  function feed(chunk: string) {
    connection.lastSign = Date.now()
    read(chunk)
    if (abort.signal.aborted) return
    // A proxy may let through what fills its buffer, and hold the rest back.
    if (isReady) wait(request.timings.stallMs, stall)
    else wait(request.timings.openMs, fallSilent)
  }

  function stall() {
    end(new RequestError(`Silent for ${request.timings.stallMs} ms`, {}))
  }

  async function run() {
    const body = await ask(request, abort.signal)
    if (abort.signal.aborted) return
    wait(request.timings.firstSignMs, fallSilent)
    await readText(body, feed, () => abort.signal.aborted)
    throw new RequestError('The stream ended', {})
  }

  run().catch(end)
  return connection
}

async function ask(request: ConnectionRequest, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const response = await postEvents(request, JSON.stringify({ runs: request.runs }), request.logs, signal)
  if (!isEventStream(response)) throw await refusalOf(response)
  return response.body as ReadableStream<Uint8Array>
}

/** What reads why is loaded only now; without it the status says whether to try again. */
async function refusalOf(response: Response): Promise<RequestError> {
  const { url, ok, status } = response
  const reader = await (ok ? import('./no-events.ts') : import('./refusal.ts')).catch(() => null)
  return reader?.readProblem(response) ?? new RequestError(`${url} answered ${status}`, { status })
}

/** A later server may send more than we know of. */
function isKnown(event?: string): event is RunEvent['type'] {
  return event === 'snapshot' || event === 'patch' || event === 'log' || event === 'end'
}

/** The event's id is `<epoch>-<revision>`; the epoch may hold dashes. */
function readEvent(type: RunEvent['type'], data: string, id: string | null): RunEvent | RowEvent {
  return { type, id, epoch: id?.slice(0, id.lastIndexOf('-')) ?? null, data: JSON.parse(data) }
}
