import type { EndReason, ListedRun, ListFilter, LogLine, RunDetails } from '../db/contract.ts'
import type { Endpoint } from './events-request.ts'
import type { LinkOptions } from './line.ts'
import { readLines } from './log-lines.ts'
import { type RequestError, unreachable } from './problem.ts'
import type { RunEvent } from './reducer.ts'
import { readProblem } from './refusal.ts'
import type { Target } from './target.ts'
import { type Timings, waitBefore } from './timings.ts'
import type { PollTarget } from './watches.ts'

const POLLED = { epoch: null, id: null }
/**
 * About how many characters of a log are read at a time: the rest comes with the next round, so that other polls do not
 * wait for it.
 */
const MOST_LOG = 1_048_576

/** Requests at a time: a server lets one user have a hundred under way, for all tabs and everything else. */
const MOST_AT_ONCE = 20

interface PollRequest extends Endpoint {
  timings: Timings
  targets: PollTarget[]
  lists: ListFilter[]
}

interface Taker {
  onEvent(target: Target, event: RunEvent): void
  onNone(target: Target): void
  /** `next`: the id after which there may be more of it; null: that is all. */
  onList(filter: ListFilter, runs: ListedRun[], next: string | null): void
  onRefusal(filter: ListFilter, error: RequestError): unknown
}

interface PollListener {
  /** Everything was read. */
  onRound(): void
  /** A round failed; polling continues unless it is stopped. */
  onError(error: RequestError): void
}

/** Polls everything that is watched, until the signal is aborted. */
export function poll({ endpoint, timings, watches }: LinkOptions, listener: PollListener, over: AbortSignal): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  const taker: Taker = {
    onEvent: (target, event) => {
      if (event.type === 'snapshot') watches.clock.observe(event.data.now)
      watches.take(target, event)
    },
    onNone: (target) => {
      const known = watches.known(target)?.state
      const run = 'run' in target ? target.run : known?.run?.id
      // What a stream has said already says more.
      if (run && known?.ended !== 'deleted') watches.take(target, notFound(run))
    },
    // a page of rows that would be too large ends before the limit
    onList: (filter, runs, next) => watches.lists?.replace(filter, runs, next ?? ''),
    onRefusal: (filter, error) => watches.lists && refused.set(watches.lists.refuse(filter), error),
  }
  /** The lists that may not be read, by name: they are requested again when the stream is. */
  const refused = new Map<string, RequestError>()

  async function round() {
    if (!watches.refusal) refused.clear()
    // What is added meanwhile is requested with the next round.
    const names = watches.names()
    const lists = watches.lists?.filters(({ heard }) => heard || !watches.refusal) ?? []
    const request = { ...endpoint, timings, targets: watches.pollTargets(), lists }
    const failure = await askAll(request, taker, over).then(() => null, unreachable)
    if (over.aborted) return
    const error = failure ?? conclude(names)
    if (error) listener.onError(error)
    else listener.onRound()
    failures = error ? failures + 1 : 0
    if (!over.aborted) timer = setTimeout(round, waitAfter(error, failures, timings))
  }

  /** Everything readable was read: polling continues without the rest. Returns the reason if nothing is readable. */
  function conclude(names: Set<string>): RequestError | null {
    const isAll = [...watches.names()].every((name) => names.has(name))
    for (const name of refused.keys()) names.delete(name)
    const [error = null] = refused.values()
    // It applies to everything that the server has not answered for.
    if (error && isAll) watches.refusal ??= { state: 'closed', since: Date.now(), error }
    watches.hear(names, false)
    return names.size > 0 || !isAll ? null : error
  }

  over.addEventListener('abort', () => clearTimeout(timer))
  round()
}

function waitAfter(error: RequestError | null, failures: number, timings: Timings): number {
  if (error === null) return timings.pollMs
  return Math.max(timings.pollMs, waitBefore(failures, { retryMs: null, retryAfterMs: error.retryAfterMs }, timings))
}

/** What gets no response, or has to wait, is requested with the next round. */
async function askAll(request: PollRequest, taker: Taker, over: AbortSignal): Promise<void> {
  const { targets, lists, timings } = request
  const failures: RequestError[] = []
  const reads = [
    ...targets.map((target) => (signal: AbortSignal) => readTarget(request, target, taker, signal)),
    ...lists.map((filter) => (signal: AbortSignal) => readList(request, filter, taker, signal)),
  ]
  const work = async () => {
    for (let read = reads.shift(); read; read = reads.shift()) {
      const signal = AbortSignal.any([over, AbortSignal.timeout(timings.openMs)])
      const error = await read(signal).then(() => null, unreachable)
      if (error) failures.push(error)
      if (error?.status === null || error?.retryAfterMs) reads.length = 0
    }
  }
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, work))
  if (failures[0]) throw failures[0]
}

async function readTarget(endpoint: Endpoint, { target, lastLine }: PollTarget, taker: Taker, signal: AbortSignal) {
  const path = pathOf(target)
  const response = await get(endpoint, path, 'application/json', signal)
  if (response.status === 404) return taker.onNone(target)
  if (!response.ok) throw await readProblem(response)
  const data = (await response.json()) as RunDetails
  if (signal.aborted) return
  const { run } = data
  taker.onEvent(target, { type: 'snapshot', ...POLLED, data })
  const onLines = (lines: LogLine[]) => taker.onEvent(target, { type: 'log', ...POLLED, data: { run, lines } })
  if (lastLine !== null) await readLog(endpoint, `${path}/logs?after=${lastLine}`, onLines, signal)
  if (signal.aborted) return
  if (isEnd(run.status)) taker.onEvent(target, { type: 'end', ...POLLED, data: { run, reason: run.status } })
}

async function readList(endpoint: Endpoint, filter: ListFilter, taker: Taker, signal: AbortSignal) {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined)
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
  const response = await get(endpoint, `/runs?${query}`, 'application/json', signal)
  if (response.status === 403 || response.status === 422) {
    const error = await readProblem(response)
    return signal.aborted || taker.onRefusal(filter, error)
  }
  if (!response.ok) throw await readProblem(response)
  const { runs, next } = (await response.json()) as { runs: ListedRun[]; next: string | null }
  if (!signal.aborted) taker.onList(filter, runs, next)
}

/** If the rest does not arrive, what has arrived stays: the next round continues from there. */
async function readLog(endpoint: Endpoint, path: string, onLines: (lines: LogLine[]) => void, signal: AbortSignal) {
  const response = await get(endpoint, path, 'application/x-ndjson', signal)
  if (!response.ok || response.body === null) throw await readProblem(response)
  let length = 0
  const take = (lines: LogLine[]) => {
    if (lines.length > 0) onLines(lines)
    length += lines.reduce((sum, { message }) => sum + message.length, 0)
    return signal.aborted || length > MOST_LOG
  }
  await readLines(response.body, take).catch((error) => {
    if (length === 0) throw error
  })
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

/** Its path below the server's mount point. */
function pathOf(target: Target): string {
  if ('run' in target) return `/runs/${encodeURIComponent(target.run)}`
  return `/workflows/${encodeURIComponent(target.workflow)}/keys/${encodeURIComponent(target.key)}`
}
