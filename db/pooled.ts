import pg from 'pg'
import type { Db } from './client.ts'
import { parseAddress } from './connect.ts'

/**
 * A pooler in transaction mode, such as PgBouncer, may give every transaction another backend. What is prepared or set
 * on one is not there on the next, and is left to whoever comes to it. So nothing is prepared there, no setting
 * outlives its transaction, and the backend that a client was told of is none.
 */
const prologues = new WeakMap<object, string>()

/** Says that a pool leads through a pooler. Each transaction that `begin` opens makes `settings` its own. */
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
 * Begins a transaction; resolves to the process id of the backend that has it. Whatever the database's default is: a
 * row that waits to be locked is one that others have changed since, and every stricter level would refuse it.
 */
function begin(client: Db): Promise<number> {
  return beginWith(client, '', '')
}

/**
 * The same on a session that a stranger has used: what it was left with (settings, a role, temporary tables, locks) ends
 * first, less what the driver has prepared, of which it knows. `reset all` sets what the session began with. Behind a
 * pooler it would be somebody else's by then: nothing is ended there.
 */
export function beginAfresh(client: Db): Promise<number> {
  if (isPooled(client)) return begin(client)
  return beginWith(
    client,
    'reset session authorization; reset all; discard temp; unlisten *;',
    ', pg_advisory_unlock_all()',
  )
}

async function beginWith(client: Db, before: string, asked: string): Promise<number> {
  // Several statements in one query give several results.
  const answer = client.query(
    `${before} begin isolation level read committed; ${prologues.get(client) ?? ''} select pg_backend_pid() as pid${asked}`,
  )
  const results = (await answer) as unknown as pg.QueryResult<{ pid: number }>[]
  return (results.at(-1) as pg.QueryResult<{ pid: number }>).rows[0]?.pid as number
}

/**
 * Says every query in a transaction of its own, which makes the pool's settings its own, at the cost of two more round
 * trips: for statements that must not run without a limit of time, which no session can set behind a pooler.
 */
export function inTransactions(pool: pg.Pool): Db {
  const db: Db = {
    async query(query, values) {
      const client = await pool.connect()
      // A connection that is lost says so here too, beside the query that fails: unheard, it would end the process.
      client.on('error', ignore)
      let isUsable = true
      try {
        await begin(client)
        const result = await client.query(query, values)
        await client.query('commit')
        return result as never
      } catch (error) {
        // Without an SQLSTATE nobody knows where the connection stands.
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

/** What is said where a pooler is met that nobody spoke of. */
const POOLER_MET = 'this connection leads through a pooler in transaction mode'
const ADVICE = 'give a direct connection to the same database as listenUrl (STEPCAST_LISTEN_URL)'

/** A pooler is in the way of what only a session can do. Its code is that of what failed, if something did. */
export class PoolerError extends Error {
  override name = 'PoolerError'
  readonly code: string | undefined

  constructor(what: string, cause?: unknown) {
    super(`${what}: ${POOLER_MET}; ${ADVICE}`, { cause })
    this.code = (cause as { code?: string } | undefined)?.code
  }
}

/** Prepared statements that are gone or there already, and what PgBouncer says to settings of a session. */
const SYMPTOM = /^unsupported startup parameter|^prepared statement "stepcast\..*" (does not exist|already exists)/

/** Names the pooler that an error comes from; passes every other one on as it is. */
export function namePooler(error: unknown): unknown {
  const { message = '' } = Object(error) as { message?: string }
  return SYMPTOM.test(message) ? new PoolerError(message, error) : error
}

/** Others that are opened to find out: in a busy pooler each may find a backend of its own. */
const OTHERS = 5

/**
 * Throws PoolerError where a connection is shared with others from one transaction to the next: another one, opened the
 * same way, is given its backend, or it is given another itself. A pooler in session mode passes.
 */
export async function requireSession(client: pg.Client, openAnother: () => pg.Client): Promise<void> {
  const backend = await askBackend(client)
  // Not shared: the server itself told the client whom it talks to.
  if (backend === (client as pg.Client & { processID: number }).processID) return
  const others = Array.from({ length: OTHERS }, openAnother)
  try {
    for (const other of others) {
      await other.connect()
      // It keeps what it is given.
      const isShared = (await begin(other)) === backend || (await askBackend(client)) !== backend
      if (isShared) throw new PoolerError('a worker needs a session of its own')
    }
  } finally {
    await Promise.all(others.map((other) => other.end()))
  }
}

/** What a session of ours has whatever its role or its database says. */
const OWN_SETTINGS = {
  /** It waits for what comes. */
  idle_session_timeout: '0',
  /** As in `begin`. */
  default_transaction_isolation: 'read committed',
}
const OWN_WITHIN_MS = 5_000

/** Makes these settings a session's, but sets nothing where a pooler is between: it would be left to others. */
export async function ownSession(client: pg.ClientBase): Promise<void> {
  const { processID } = client as pg.ClientBase & { processID: number }
  const question = {
    text: `select set_config(key, value, false)
           from json_each_text($1)
           where pg_backend_pid() = $2`,
    values: [JSON.stringify(OWN_SETTINGS), processID],
    // A pool waits for it without a limit of its own.
    query_timeout: OWN_WITHIN_MS,
  }
  await client.query(question)
}

/**
 * The same, for who has no client before it is too late: an address by which a session begins with them, and with what
 * else is given. What is no URL, but only what pg takes for one, stays as it is.
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
