import pgListen from 'pg-listen'
import type { RunEvent } from '../client/reducer.ts'
import { CHANNEL, readChanges } from '../db/changes.ts'
import type { Db } from '../db/client.ts'
import { CONNECT_WITHIN_MS } from '../db/connect.ts'
import type { End, RunStatus } from '../db/contract.ts'
import { insist } from '../worker/fault.ts'

const SECOND = 1_000
/** A notification is only a hint: without one, the run is checked this often. */
const LOOK_MS = SECOND
/** Between two attempts to listen again. */
const RETRY_MS = 500
/** How long a database may be unreachable that has answered once. */
const PATIENCE_MS = 60 * SECOND

type Place = Parameters<typeof readChanges>[1][number]

/**
 * Yields what happens to a run until it ends, as the server's stream sends it; log lines only if they are wanted. Stops
 * when `signal` fires.
 */
export async function* follow(
  db: Db,
  listenUrl: string,
  run: string,
  signal: AbortSignal,
  logs = false,
): AsyncGenerator<RunEvent> {
  await using bell = await listenFor(run, listenUrl, signal)
  let seen: { revision: number; epoch: string } | null = null
  let patience = 0
  let line = -1
  while (!signal.aborted) {
    const place: Place = { run, since: seen?.revision ?? null, line: logs ? line : null, steps: true }
    // A run continues when its database has been restarted, and so does this.
    const [change] = await insist(() => readChanges(db, [place]), patience, signal).catch((error) => {
      if (signal.aborted) return []
      throw error
    })
    if (signal.aborted) return
    if (!change) return yield notFound(run)
    patience = PATIENCE_MS
    const { revision, epoch, status, kind, body, lines } = change
    const restarted: boolean = seen !== null && seen.epoch !== epoch
    seen = restarted ? null : { revision, epoch }
    if (restarted) continue
    const id = `${epoch}-${revision}`
    if (body && (kind === 'snapshot' || kind === 'patch')) yield { epoch, id, type: kind, data: JSON.parse(body) }
    if (lines) yield { epoch, id, type: 'log', data: JSON.parse(lines) }
    line = change.line
    // There may be more lines than one response holds.
    if (lines) continue
    if (isEnd(status))
      return yield { epoch, id, type: 'end', data: { run: { id: run, revision, status }, reason: status } }
    await bell.rung()
  }
}

function notFound(run: string): RunEvent {
  const data = { run: { id: run, revision: 0, status: null }, reason: 'not-found' } as const
  return { epoch: null, id: null, type: 'end', data }
}

function isEnd(status: RunStatus): status is RunStatus & End['reason'] {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

interface Bell {
  /** Resolves when the run may have changed since the last call. */
  rung(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

async function listenFor(run: string, listenUrl: string, signal: AbortSignal): Promise<Bell> {
  let isRung = false
  let isClosed = false
  let wake = () => {}
  const ring = () => {
    isRung = true
    wake()
  }
  const subscriber = pgListen.default(
    { connectionString: listenUrl, connectionTimeoutMillis: CONNECT_WITHIN_MS },
    {
      retryLimit: Number.POSITIVE_INFINITY,
      retryTimeout: 0,
      // pg-listen continues to connect after close(): it stops when this throws.
      retryInterval: () => {
        if (isClosed) throw new Error('nobody follows the run any more')
        return RETRY_MS
      },
      // The run is checked anyway; and after a lost connection the timer of these checks would run for ever.
      paranoidChecking: false,
      parse: (payload: string) => payload,
    },
  )
  subscriber.notifications.on(CHANNEL, (payload: string) => payload.includes(run) && ring())
  subscriber.events.on('connected', ring)
  subscriber.events.on('error', ring)
  await subscriber.connect()
  await subscriber.listenTo(CHANNEL)
  signal.addEventListener('abort', ring)
  const timer = setInterval(ring, LOOK_MS)
  const rung = async () => {
    if (!isRung) await new Promise<void>((resolve) => (wake = resolve))
    isRung = false
  }
  const dispose = async () => {
    clearInterval(timer)
    signal.removeEventListener('abort', ring)
    isClosed = true
    await subscriber.close()
  }
  return { rung, [Symbol.asyncDispose]: dispose }
}
