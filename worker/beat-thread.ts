/**
 * The thread of a worker process that shows that the worker lives: its session holds the advisory lock, it beats, and
 * it notices when the main thread's event loop is blocked. Then it gives up the lock, so that others resume the runs.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { isRetryable } from '../db/call.ts'
import { BoundedClient } from '../db/connect.ts'
import { namePooler, ownSession } from '../db/pooled.ts'
import { type Beat, beat, lead, registerWorker } from '../db/workers.ts'
import { monotonicMs } from './clock.ts'
import { type Pulse, silenceOf } from './pulse.ts'

export interface ThreadData {
  /** A direct connection: the advisory lock lives as long as its session. */
  listenUrl: string
  applicationName: string
  name: string
  serves: string[]
  pulse: Pulse
}

export type FromThread =
  | { type: 'born'; id: number }
  /** The database's answer to a query that was sent at `askedAt`, by the monotonic clock. */
  | { type: 'beat'; askedAt: number; beats: Beat[]; leads: boolean }
  | { type: 'dead'; error: Error }

export type ToThread = 'end'

const BEAT_MS = 500
/** A main thread that has not run for this long is given up. */
const BLOCKED_MS = 10_000
/**
 * A beat without an answer for this long means that the database is gone; by then others take over the worker's runs
 * (live_workers.sql).
 */
const UNANSWERED_MS = 15_000

const data = workerData as ThreadData
const port = parentPort as NonNullable<typeof parentPort>
const client = new BoundedClient({
  connectionString: data.listenUrl,
  application_name: data.applicationName,
  keepAlive: true,
  keepAliveInitialDelayMillis: 5_000,
})
let ended = false
let timer: NodeJS.Timeout | undefined

client.on('error', die)
client.on('end', () => die(new Error('the session of the worker ended')))
port.on('message', (_: ToThread) => end())
await live().catch(die)

async function live(): Promise<void> {
  await client.connect()
  await ownSession(client)
  const id = await registerWorker(client, data.name, data.applicationName, data.serves)
  say({ type: 'born', id })
  if (!ended) timer = setInterval(() => void tick(id), BEAT_MS)
}

let leads = false
/** When the beat that is under way was sent; null: none is. */
let asking: number | null = null

async function tick(id: number): Promise<void> {
  const askedAt = monotonicMs()
  const silence = silenceOf(data.pulse)
  if (silence > BLOCKED_MS) {
    return die(new Error(`the event loop was blocked for ${silence} ms: this worker is given up`))
  }
  if (asking !== null) {
    if (askedAt - asking > UNANSWERED_MS) die(new Error(`the database has not answered for ${UNANSWERED_MS} ms`))
    return
  }
  asking = askedAt
  try {
    const beats = await beat(client, id)
    leads ||= await lead(client)
    say({ type: 'beat', askedAt, beats, leads })
  } catch (error) {
    // Repeated with the next beat; if that is too late, the database says so.
    if (!isRetryable(error)) die(namePooler(error) as Error)
  } finally {
    asking = null
  }
}

function say(message: FromThread): void {
  if (!ended) port.postMessage(message)
}

function die(error: Error): void {
  if (ended) return
  say({ type: 'dead', error: new Error(error.message) })
  end()
}

/** Ends the session, and the lock with it. */
function end(): void {
  if (ended) return
  ended = true
  clearInterval(timer)
  client.end().finally(() => port.close())
}
