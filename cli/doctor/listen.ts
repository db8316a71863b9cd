import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { BoundedClient } from '../../db/connect.ts'
import { isQueueFull } from '../../db/errors.ts'
import { readServer } from '../../db/health.ts'
import { PoolerError, requireSession } from '../../db/pooled.ts'
import { type Check, fail, ok, type Patient, warn } from './finding.ts'

const SECOND = 1_000
const PATIENCE_MS = 5 * SECOND
const END_READER =
  'A session that listens does not read: end the one in pg_stat_activity that is idle in a transaction for longest.'
const ADVICE = 'Name a direct connection to the same database in STEPCAST_LISTEN_URL.'

/** A server receives the database's notifications, and a worker has a session of its own. */
export const checkListen: Check = async (patient) => {
  const client = new pg.Client({ connectionString: patient.directUrl, connectionTimeoutMillis: PATIENCE_MS })
  client.on('error', () => {})
  const refusal = await client.connect().then(
    () => null,
    (cause: Error) => cause,
  )
  if (refusal) return unreachable(refusal, patient)
  try {
    await requireSession(client, () => new BoundedClient({ connectionString: patient.directUrl }))
    const tookMs = await hear(client, patient)
    if (tookMs !== null) return ok(`a notification arrived within ${Math.ceil(tookMs)} ms`)
    return fail(`no notification arrived within ${PATIENCE_MS / SECOND} s: it is another database`, ADVICE)
  } catch (error) {
    if (error instanceof PoolerError) return fail('the connection leads through a pooler in transaction mode', ADVICE)
    if (isQueueFull(error))
      return fail('the queue of notifications is full: no commit that notifies succeeds', END_READER)
    throw error
  } finally {
    await client.end()
  }
}

/** Without STEPCAST_LISTEN_URL it is the address that has just answered. */
function unreachable(refusal: Error, { settings }: Patient): ReturnType<typeof fail> {
  if (settings.STEPCAST_LISTEN_URL === undefined) throw refusal
  const why = refusal.message || (refusal as NodeJS.ErrnoException).code
  return fail(`STEPCAST_LISTEN_URL does not answer: ${why}`, ADVICE)
}

/** Sends as the workers do, and receives as a server does. null: nothing was received. */
async function hear(client: pg.Client, { pool }: Patient): Promise<number | null> {
  const channel = `stepcast_doctor_${randomBytes(6).toString('hex')}`
  await client.query(`listen ${channel}`)
  const { promise, resolve } = Promise.withResolvers<number | null>()
  const sentAt = performance.now()
  const timer = setTimeout(resolve, PATIENCE_MS, null)
  client.on('notification', () => resolve(performance.now() - sentAt))
  await pool.query('select pg_notify($1, $2)', [channel, ''])
  return promise.finally(() => clearTimeout(timer))
}

export const checkNotifyQueue: Check = async ({ pool }) => {
  const { notifyQueue } = await readServer(pool)
  const says = `${(notifyQueue * 100).toFixed(notifyQueue > 0 && notifyQueue < 0.01 ? 2 : 0)} % full`
  if (notifyQueue > 0.5) return fail(`${says}; when it is full, no commit that notifies succeeds`, END_READER)
  return notifyQueue > 0.05 ? warn(says, END_READER) : ok(says)
}
