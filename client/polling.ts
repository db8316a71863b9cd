import type { EndReason, ListedRun, ListFilter, LogLine, RunDetails } from '../db/contract.ts'
import type { Endpoint } from './events-request.ts'
import { type RequestError, unreachable } from './problem.ts'
import type { RunEvent } from './reducer.ts'
import { readProblem } from './refusal.ts'
import type { Target } from './target.ts'
import { type Timings, waitBefore } from './timings.ts'

const POLLED = { epoch: null, id: null }

export interface PollTarget {
  target: Target
  /** The last known log line; null: no lines wanted. */
  lastLine: number | null
}

export interface PollRequest extends Endpoint {
  timings: Timings
  targets(): PollTarget[]
  lists(): ListFilter[]
}

export interface PollListener {
  onEvent(event: RunEvent): void
  onList(filter: ListFilter, runs: ListedRun[]): void
  /** All targets were read. */
  onRound(): void
  /** A round failed; polling goes on unless it is stopped. */
  onError(error: RequestError): void
}

/** Asks for every target again and again, until the signal says that it is over. */
export function poll(request: PollRequest, listener: PollListener, over: AbortSignal): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0

  async function round() {
    const error = await askAll(request, listener, over).then(() => null, unreachable)
    if (over.aborted) return
    if (error) listener.onError(error)
    else listener.onRound()
    failures = error ? failures + 1 : 0
    if (!over.aborted) timer = setTimeout(round, waitAfter(error, failures, request.timings))
  }

  over.addEventListener('abort', () => clearTimeout(timer))
  round()
}

function waitAfter(error: RequestError | null, failures: number, timings: Timings): number {
  if (error === null) return timings.pollMs
  return Math.max(timings.pollMs, waitBefore(failures, { retryMs: null, retryAfterMs: error.retryAfterMs }, timings))
}

async function askAll(request: PollRequest, listener: PollListener, over: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([over, AbortSignal.timeout(request.timings.openMs)])
  const targets = request.targets().map((target) => readTarget(request, target, listener, signal))
  const lists = request.lists().map((filter) => readList(request, filter, listener, signal))
  await Promise.all([...targets, ...lists])
}

async function readTarget(
  endpoint: Endpoint,
  { target, lastLine }: PollTarget,
  listener: PollListener,
  signal: AbortSignal,
) {
  const path = pathOf(target)
  const response = await get(endpoint, path, 'application/json', signal)
  if (response.status === 404) return 'run' in target && listener.onEvent(notFound(target.run))
  if (!response.ok) throw await readProblem(response)
  const data = (await response.json()) as RunDetails
  const lines = lastLine === null ? [] : await readLines(endpoint, `${path}/logs?after=${lastLine}`, signal)
  if (signal.aborted) return
  const { run } = data
  listener.onEvent({ type: 'snapshot', ...POLLED, data })
  if (lines.length > 0) listener.onEvent({ type: 'log', ...POLLED, data: { run, lines } })
  if (isEnd(run.status)) listener.onEvent({ type: 'end', ...POLLED, data: { run, reason: run.status } })
}

async function readList(endpoint: Endpoint, filter: ListFilter, listener: PollListener, signal: AbortSignal) {
  const query = new URLSearchParams(Object.entries(filter).map(([name, value]) => [name, String(value)]))
  const response = await get(endpoint, `/runs?${query}`, 'application/json', signal)
  if (!response.ok) throw await readProblem(response)
  const { runs } = (await response.json()) as { runs: ListedRun[] }
  if (!signal.aborted) listener.onList(filter, runs)
}

async function readLines(endpoint: Endpoint, path: string, signal: AbortSignal): Promise<LogLine[]> {
  const response = await get(endpoint, path, 'application/x-ndjson', signal)
  if (!response.ok) throw await readProblem(response)
  const text = await response.text()
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as LogLine]))
}

async function get(endpoint: Endpoint, path: string, accept: string, signal: AbortSignal): Promise<Response> {
  return await endpoint.fetch(`${endpoint.src}${path}`, {
    headers: { accept },
    cache: 'no-store',
    signal,
  })
}

function notFound(run: string): RunEvent {
  return { type: 'end', ...POLLED, data: { run: { id: run, revision: 0, status: null }, reason: 'not-found' } }
}

function isEnd(status: string): status is EndReason & RunDetails['run']['status'] {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

/** Where it stands below the server's mount point. */
function pathOf(target: Target): string {
  if ('run' in target) return `/runs/${encodeURIComponent(target.run)}`
  return `/workflows/${encodeURIComponent(target.workflow)}/keys/${encodeURIComponent(target.key)}`
}
