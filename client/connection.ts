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

/** Callbacks of one connection; none is called after `close()`, and none after `onSilent` or `onEnd`. */
export interface ConnectionListener {
  onEvent(event: RunEvent | RowEvent): void
  /** All first snapshots have arrived. */
  onReady(): void
  /** Whether it opened or not, nothing arrived in time: a proxy may be buffering it. */
  onSilent(): void
  /** The connection ended, with the reason. `retryMs`: how long the server asks to wait; null: it did not say. */
  onEnd(error: RequestError, retryMs: number | null): void
}

export interface Connection {
  /** When the last byte arrived, by the local clock; for a new connection, when it was requested. */
  readonly lastSign: number
  close(): void
}

/**
 * Why a connection was closed. A signal aborted without a reason keeps an error with its stack, and so whatever closed
 * it: each connection would keep the next one, and a page's first connection all of them, from being collected.
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
    // A proxy may let through what fills its buffer, and keep the rest back.
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

/** The code that reads the reason is loaded only now; without it, the status says whether to try again. */
async function refusalOf(response: Response): Promise<RequestError> {
  const { url, ok, status } = response
  const reader = await (ok ? import('./no-events.ts') : import('./refusal.ts')).catch(() => null)
  return reader?.readProblem(response) ?? new RequestError(`${url} answered ${status}`, { status })
}

/** A later server may send events that are unknown here. */
function isKnown(event?: string): event is RunEvent['type'] {
  return event === 'snapshot' || event === 'patch' || event === 'log' || event === 'end'
}

/** The event's id is `<epoch>-<revision>`; the epoch may contain dashes. */
function readEvent(type: RunEvent['type'], data: string, id: string | null): RunEvent | RowEvent {
  return { type, id, epoch: id?.slice(0, id.lastIndexOf('-')) ?? null, data: JSON.parse(data) }
}
