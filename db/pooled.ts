import pg from 'pg'
import type { Db } from './client.ts'
import { parseAddress } from './connect.ts'
import { ReadOnlyError } from './errors.ts'

/**
 * A pooler in transaction mode, such as PgBouncer, may give every transaction another backend. What is prepared or set
 * on one backend is missing on the next, and the backend's next client inherits it. So nothing is prepared there, no
 * setting outlives its transaction, and the process id that a client was told is not that of its backend.
 */
const prologues = new WeakMap<object, string>()

/** Marks a pool as leading through a pooler. Each transaction that `begin` opens applies `settings` to itself. */
export function throughPooler(pool: pg.Pool, settings: Record<string, string> = {}): pg.Pool {
  const sets = Object.entries(settings).map(
    ([name, value]) => `select set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, true);`,
  )
  const prologue = sets.join(' ')
  prologues.set(pool, prologue)
  return pool.on('connect', (client) => prologues.set(client, prologue))
}

export function isPooled(db: object): boolean {
  return prologues.has(db)
}

/**
 * Begins a transaction, and resolves to the process id of its backend. Always read committed, whatever the database's
 * default: a row that a query waited to lock has been changed by others since, which every stricter level would refuse.
 */
async function begin(client: Db): Promise<number> {
  return (await beginWith(client, '', '')).pid
}

/**
 * The same on a session that unknown code has used: first resets what that left behind (settings, a role, temporary
 * tables, locks), except the statements that the driver has prepared and knows of. `reset all` restores the settings
 * that the session began with. Behind a pooler nothing is reset: by then the session would be somebody else's. Throws
 * ReadOnlyError.
 */
export async function beginAfresh(client: Db): Promise<number> {
  const reset = 'reset session authorization; reset all; discard temp; unlisten *;'
  const { pid, isReadOnly } = await (isPooled(client)
    ? beginWith(client, '', '')
    : beginWith(client, reset, ', pg_advisory_unlock_all()'))
  if (isReadOnly) throw new ReadOnlyError('the database is read-only at the moment')
  return pid
}

interface Begun {
  pid: number
  isReadOnly: boolean
}

async function beginWith(client: Db, before: string, asked: string): Promise<Begun> {
  // Several statements in one query give several results.
  const answer = client.query(
    `${before} begin isolation level read committed; ${prologues.get(client) ?? ''} select pg_backend_pid() as pid, current_setting('transaction_read_only')::boolean as "isReadOnly"${asked}`,
  )
  const results = (await answer) as unknown as pg.QueryResult<Begun>[]
  return results.at(-1)?.rows[0] as Begun
}

/**
 * Runs every query in a transaction of its own with the pool's settings, at the cost of two more round trips: for
 * statements that must not run without a time limit, which a session behind a pooler cannot set.
 */
export function inTransactions(pool: pg.Pool): Db {
  const db: Db = {
    async query(query, values) {
      const client = await pool.connect()
      // A lost connection emits an error here too, besides failing the query: unhandled, that would end the process.
      client.on('error', ignore)
      let isUsable = true
      try {
        await begin(client)
        const result = await client.query(query, values)
        await client.query('commit')
        return result as never
      } catch (error) {
        // Without an SQLSTATE the state of the connection is unknown.
        isUsable = 'code' in Object(error) && (await isRolledBack(client))
        throw error
      } finally {
        if (isUsable) client.off('error', ignore)
        client.release(!isUsable)
      }
    },
  }
  prologues.set(db, prologues.get(pool) ?? '')
  return db
}

function ignore(): void {}

function isRolledBack(client: Db): Promise<boolean> {
  return client.query('rollback').then(
    () => true,
    () => false,
  )
}

/** The message for a pooler that the configuration does not mention. */
const POOLER_MET = 'this connection leads through a pooler in transaction mode'
const ADVICE = 'give a direct connection to the same database as listenUrl (STEPCAST_LISTEN_URL)'

/** A connection that needs a session of its own leads through a pooler. `code`: that of the failed query, if any. */
export class PoolerError extends Error {
  override name = 'PoolerError'
  readonly code: string | undefined

  constructor(what: string, cause?: unknown) {
    super(`${what}: ${POOLER_MET}; ${ADVICE}`, { cause })
    this.code = (cause as { code?: string } | undefined)?.code
  }
}

/** Prepared statements that are missing or already there, and PgBouncer's answer to settings of a session. */
const SYMPTOM = /^unsupported startup parameter|^prepared statement "stepcast\..*" (does not exist|already exists)/

/** Turns an error that a pooler caused into a PoolerError; returns every other one unchanged. */
export function namePooler(error: unknown): unknown {
  const { message = '' } = Object(error) as { message?: string }
  return SYMPTOM.test(message) ? new PoolerError(message, error) : error
}

/** Further connections opened to find out: in a busy pooler each may get a backend of its own. */
const OTHERS = 5

/**
 * Throws PoolerError if a connection shares its backend with others from one transaction to the next: another one,
 * opened the same way, gets its backend, or it gets a different one itself. A pooler in session mode passes.
 */
export async function requireSession(client: pg.Client, openAnother: () => pg.Client, who = 'a worker'): Promise<void> {
  const backend = await askBackend(client)
  // Not shared: the server itself told the client this process id.
  if (backend === (client as pg.Client & { processID: number }).processID) return
  const others = Array.from({ length: OTHERS }, openAnother)
  try {
    for (const other of others) {
      await other.connect()
      // The other connection keeps the backend that it gets: its transaction stays open.
      const isShared = (await begin(other)) === backend || (await askBackend(client)) !== backend
      if (isShared) throw new PoolerError(`${who} needs a session of its own`)
    }
  } finally {
    await Promise.all(others.map((other) => other.end()))
  }
}

/** The settings of our sessions, whatever the role or the database says. */
const OWN_SETTINGS = {
  /** An idle session waits for work. */
  idle_session_timeout: '0',
  /** As in `begin`. */
  default_transaction_isolation: 'read committed',
  /** Lists are sent as `{1,NULL}`, which would else be a text called NULL. */
  array_nulls: 'on',
}
const OWN_WITHIN_MS = 5_000

/** Applies these settings to a session, but sets nothing if a pooler is in between: other clients would inherit it. */
export async function ownSession(client: pg.ClientBase): Promise<void> {
  const { processID } = client as pg.ClientBase & { processID: number }
  const question = {
    text: `select set_config(key, value, false)
           from json_each_text($1)
           where pg_backend_pid() = $2`,
    values: [JSON.stringify(OWN_SETTINGS), processID],
    // The pool waits for this without a time limit of its own.
    query_timeout: OWN_WITHIN_MS,
  }
  await client.query(question)
}

/**
 * The same for code that gets no client in time: returns a connection string whose sessions begin with these settings
 * and `others`. A string that pg accepts but that is not a URL is returned unchanged.
 */
export function withOwnSettings(url: string, others: Record<string, string> = {}): string {
  const changed = parseAddress(url)
  if (!changed) return url
  const own = Object.entries({ ...OWN_SETTINGS, ...others }).map(
    ([name, value]) => `-c ${name}=${value.replaceAll(/[\s\\]/g, '\\$&')}`,
  )
  changed.searchParams.set('options', [changed.searchParams.get('options') ?? '', ...own].join(' ').trim())
  return changed.href
}

async function askBackend(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  return (rows[0] as { pid: number }).pid
}
