import type { Pool, PoolClient } from 'pg'
import { retrying } from '../db/call.ts'
import type { Db } from '../db/client.ts'
import type { Logger } from '../db/logger.ts'
import { beginAfresh, isPooled } from '../db/pooled.ts'
import { endBackend } from '../db/workers.ts'
import type { Tx } from './context.ts'
import { isPassing } from './fault.ts'
import type { Meter } from './meter.ts'

const LONG_MS = 30_000

/** COMMIT was answered by ROLLBACK: a statement had failed and its error was swallowed, so nothing was written. */
class RolledBack extends Error {
  override name = 'RolledBack'
  /** in_failed_sql_transaction */
  readonly code = '25P02'
}

/** The answer to COMMIT was lost: what it was about may be written or not. */
export class InDoubt extends Error {
  override name = 'InDoubt'
}

/** What came last in a transaction failed. */
export class LastFailed extends Error {
  /** Statements of it are still to be answered, and nobody knows when they will be. */
  readonly isUnderWay: boolean

  constructor(message: string, isUnderWay: boolean, options: ErrorOptions) {
    super(message, options)
    this.isUnderWay = isUnderWay
  }
}

/** idle_in_transaction_session_timeout, transaction_timeout */
const OVERLONG = new Set(['25P03', '25P04'])

/** The database ended a session because its transaction took too long: that is the doing of whoever had it. */
function isOverlong(error: unknown): boolean {
  return OVERLONG.has((error as { code?: string }).code ?? '')
}

/** Whose transactions they are: they are ended with it, and none is opened after its signal, or when it is over. */
export interface TransactionOwner {
  readonly transactions: Set<Transaction>
  readonly signal: AbortSignal
  /** However it ended: its signal may not tell. */
  readonly isOver: boolean
  /** How a connection was lost, or could not be had. */
  fault: unknown
}

/** Whom it tells that it is open for long. */
export interface Observers {
  logger: Logger
  meter: Meter
}

/** A transaction that opens at its first statement, if there ever is one. */
export class Transaction implements Tx {
  readonly #pool: Pool
  readonly #observers: Observers
  /** Names what it belongs to, in errors and logs. */
  readonly #name: string
  readonly #owner: TransactionOwner | undefined
  #client: Promise<PoolClient> | null = null
  #wasOpened = false
  /** Of its backend. */
  #pid: number | null = null
  #closed = false
  /** How its connection was lost; null: it was not. */
  #loss: unknown = null
  /** COMMIT was said: what is lost now leaves it in doubt. */
  #isSaid = false
  readonly #lose = (error: unknown): void => {
    if (this.#isSaid) return
    this.#loss ??= error
    if (this.#owner && !isOverlong(this.#loss)) this.#owner.fault ??= this.#loss
  }
  /** Names of the sub-steps that are running. */
  readonly #blockedBy: string[] = []
  #longTimer: NodeJS.Timeout | undefined
  /** Called just before COMMIT is said. */
  beforeCommit: () => void = () => {}

  constructor(pool: Pool, observers: Observers, name: string, owner?: TransactionOwner) {
    this.#pool = pool
    this.#observers = observers
    this.#name = name
    this.#owner = owner
  }

  query: Tx['query'] = (query, values) => {
    const answer = this.#ask<never>(query, values)
    // A handler that forgets to wait for it must not end the whole process: COMMIT tells what came of it.
    answer.catch(ignore)
    return answer
  }

  readonly #ask: Tx['query'] = async (query, values) => {
    if (this.#closed || this.#owner?.isOver) throw this.#tooLate()
    if (this.#blockedBy.length > 0) {
      throw new Error(
        `tx of ${this.#name} cannot be used inside its sub-step ${this.#blockedBy[0]}: use sub.tx, which commits with it`,
      )
    }
    const client = await this.open()
    try {
      return await (typeof query === 'string' ? client.query(query, values) : client.query(query))
    } catch (error) {
      if (isOverlong(error)) this.#lose(error)
      throw error
    }
  }

  /** Whether anything was to be in it, though that may be undone since. */
  get wasOpened(): boolean {
    return this.#wasOpened
  }

  /** Opens it now, where what comes must be in it. */
  open(): Promise<PoolClient> {
    this.#owner?.signal.throwIfAborted()
    // What the driver says once the connection is lost does not tell why; and another would be without what was in
    // this.
    if (this.#loss) throw this.#loss
    this.#wasOpened = true
    this.#client ??= this.#begin()
    return this.#client
  }

  /** Refuses statements from now on; for one that was never opened. */
  close(): void {
    this.#closed = true
  }

  /** Refuses statements while a sub-step with a transaction of its own is running; returns the undo. */
  block(substep: string): () => void {
    this.#blockedBy.push(substep)
    return () => {
      this.#blockedBy.splice(this.#blockedBy.indexOf(substep), 1)
    }
  }

  /**
   * Runs what comes last in it and commits; where it was never opened, that is one statement of its own on `otherwise`.
   * What comes last is said again when it loses a deadlock. Throws RolledBack when there was nothing left to commit,
   * InDoubt when nobody said whether it was committed, and how the connection was lost where it was before.
   */
  async commit<T>(last: (db: Db) => Promise<T>, otherwise: Db): Promise<T> {
    this.#closed = true
    if (!this.#wasOpened) return retrying(() => last(otherwise))
    const client = await this.#client
    // What was in it is undone: nothing may be told as done without that.
    if (!client) throw this.#loss ?? new Error(`tx of ${this.#name} was undone before its end`)
    try {
      const result = await retrying(() => inSavepoint(client, last))
      this.beforeCommit()
      // Once it has committed, a pooler lends the backend to somebody else: from here on it is not ours to end.
      if (isPooled(client)) this.#pid = null
      this.#isSaid = true
      const { command } = await client.query('commit').catch((cause) => {
        // Such as by a deferred constraint.
        if (!isPassing(cause)) throw cause
        throw new InDoubt(`the answer to COMMIT of ${this.#name} was lost`, { cause })
      })
      if (command !== 'COMMIT')
        throw new RolledBack(`a statement of ${this.#name} failed, so that all of it was undone`)
      this.#release(client)
      return result
    } catch (error) {
      if (isOverlong(error)) this.#lose(error)
      await (isUnderWay(error) ? this.abandon() : this.rollback())
      throw this.#loss ?? error
    }
  }

  /** Undoes everything. Safe to call at any time, more than once. */
  async rollback(): Promise<void> {
    this.#closed = true
    const client = await this.#client?.catch(() => null)
    if (!client) return
    try {
      await client.query('rollback')
      this.#release(client)
    } catch (error) {
      this.#lose(error)
      this.#release(client, error as Error)
    }
  }

  /** Undoes everything though a handler may still be using it: its session is ended, and with it what it waits for. */
  async abandon(): Promise<void> {
    this.#closed = true
    const client = await this.#client?.catch(() => null)
    if (!client) return
    this.#release(client, new Error(`tx of ${this.#name} was abandoned`))
    if (this.#pid === null) return
    const ended = endBackend(this.#pool, this.#pid)
    await ended.catch((error) => this.#observers.logger.warn({ err: error }, 'could not end a session'))
  }

  async #begin(): Promise<PoolClient> {
    const client = await this.#orLose(this.#pool.connect())
    this.#owner?.transactions.add(this)
    client.on('error', this.#lose)
    try {
      this.#owner?.signal.throwIfAborted()
      if (this.#owner?.isOver) throw this.#tooLate()
      this.#pid = await this.#orLose(beginAfresh(client))
    } catch (error) {
      this.#release(client, error as Error)
      throw error
    }
    this.#longTimer = setTimeout(() => {
      this.#observers.meter.openedLong()
      this.#observers.logger.warn(
        { tx: this.#name, ms: LONG_MS },
        'tx is open for long, which slows the whole database; use sub-steps',
      )
    }, LONG_MS)
    this.#longTimer.unref()
    return client
  }

  #tooLate(): Error {
    return new Error(`tx of ${this.#name} is closed: await every statement before the handler returns`)
  }

  #orLose<T>(connection: Promise<T>): Promise<T> {
    return connection.catch((error) => {
      this.#lose(error)
      throw error
    })
  }

  #release(client: PoolClient, broken?: Error): void {
    clearTimeout(this.#longTimer)
    this.#client = null
    this.#owner?.transactions.delete(this)
    client.off('error', this.#lose)
    client.release(broken)
    // Told to end before it has read that it may go, it says so: the pool would take that for its own end, and the
    // worker's.
    if (broken) client.removeAllListeners('error').on('error', ignore)
  }
}

/** So that a deadlock undoes only this, and it can be said again. */
async function inSavepoint<T>(client: PoolClient, last: (db: Db) => Promise<T>): Promise<T> {
  await client.query('savepoint stepcast_end')
  try {
    return await last(client)
  } catch (error) {
    if (!isUnderWay(error)) await client.query('rollback to savepoint stepcast_end').catch(ignore)
    throw error
  }
}

function isUnderWay(error: unknown): boolean {
  return error instanceof LastFailed && error.isUnderWay
}

function ignore(): void {}
