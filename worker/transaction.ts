import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'
import { retrying } from '../db/call.ts'
import type { Db } from '../db/client.ts'
import type { Logger } from '../db/logger.ts'
import { beginAfresh, isPooled } from '../db/pooled.ts'
import { endBackend } from '../db/workers.ts'
import type { Tx } from './context.ts'
import { isPassing } from './fault.ts'
import type { Meter } from './meter.ts'
import { explain, InDoubt, isOverlong, isUnderWay, MadeReadOnly, RolledBack } from './transaction-errors.ts'

const LONG_MS = 30_000
/** How long a rollback waits for statements that are under way. */
const PATIENCE_MS = 1_000

/** The owner of transactions: they end with it, and none is opened after its signal, or when it is over. */
export interface TransactionOwner {
  readonly transactions: Set<Transaction>
  readonly signal: AbortSignal
  /** Whether it has ended, in whatever way: its signal does not always show it. */
  readonly isOver: boolean
  /** Why a connection was lost, or could not be opened. */
  fault: unknown
}

/** Where a transaction that is open for long is reported. */
export interface Observers {
  logger: Logger
  meter: Meter
}

/** A transaction that opens at its first statement, if there ever is one. */
export class Transaction implements Tx {
  readonly #pool: Pool
  readonly #observers: Observers
  /** The name of what it belongs to, for errors and logs. */
  readonly #name: string
  readonly #owner: TransactionOwner | undefined
  #client: Promise<PoolClient> | null = null
  #wasOpened = false
  /** Process id of its backend. */
  #pid: number | null = null
  #closed = false
  /** Why its connection was lost; null: it was not. */
  #loss: unknown = null
  /** The last statement that failed by itself. Until a rollback to a savepoint, Postgres then refuses all others. */
  #failed: unknown = null
  /** COMMIT was sent: if the connection is lost now, the outcome is in doubt. */
  #isSaid = false
  readonly #lose = (error: unknown): void => {
    if (this.#isSaid) return
    this.#loss ??= error
    if (this.#owner && !isOverlong(this.#loss)) this.#owner.fault ??= this.#loss
  }
  /** Statements that have no answer yet. */
  readonly #underWay = new Set<Promise<unknown>>()
  /** Resolves when the last of them has one. The driver takes one statement at a time, handlers may send several. */
  #answered: Promise<unknown> = Promise.resolve()
  /** Names of the sub-steps that are running. */
  readonly #blockedBy: string[] = []
  #longTimer: NodeJS.Timeout | undefined
  /** Called right before COMMIT is sent. */
  beforeCommit: () => void = () => {}

  constructor(pool: Pool, observers: Observers, name: string, owner?: TransactionOwner) {
    this.#pool = pool
    this.#observers = observers
    this.#name = name
    this.#owner = owner
  }

  query: Tx['query'] = (query, values) => {
    const answer = this.#ask<never>(query, values)
    this.#underWay.add(answer)
    // A statement that is not awaited must not end the whole process: COMMIT shows whether it failed.
    answer.catch(ignore).finally(() => this.#underWay.delete(answer))
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
      // Its types know no config with values beside it, which it accepts.
      return await this.#inTurn(client, () => client.query(query as string, values))
    } catch (error) {
      if (isOverlong(error)) this.#lose(error)
      const explained = explain(error, this.#name, this.#failed)
      if (explained === error || explained instanceof MadeReadOnly) this.#failed = explained
      throw explained
    }
  }

  #inTurn<T>(client: PoolClient, send: () => Promise<T>): Promise<T> {
    const answer = this.#answered.then(async () => {
      // It was undone meanwhile, and its connection may be somebody else's.
      if ((await this.#client) !== client) throw this.#loss ?? this.#tooLate()
      return send()
    })
    this.#answered = answer.catch(ignore)
    return answer
  }

  /** Whether anything was to be written in it, even if that has been rolled back since. */
  get wasOpened(): boolean {
    return this.#wasOpened
  }

  /** Opens it now, because what follows must be in it. */
  open(): Promise<PoolClient> {
    this.#owner?.signal.throwIfAborted()
    // Once the connection is lost, the driver's errors do not say why; and a new connection would lack what was written
    // on this one.
    if (this.#loss) throw this.#loss
    this.#wasOpened = true
    this.#client ??= this.#begin()
    return this.#client
  }

  /** Refuses statements from now on; for a transaction that was never opened. */
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
   * Runs `last` in it and commits. If it was never opened, `last` is one statement of its own on `otherwise`. `last` is
   * repeated if it loses a deadlock. Throws RolledBack if there was nothing left to commit, InDoubt if it is unknown
   * whether it was committed, or the reason if the connection was lost before.
   */
  async commit<T>(last: (db: Db) => Promise<T>, otherwise: Db): Promise<T> {
    this.#closed = true
    if (!this.#wasOpened) return retrying(() => last(otherwise))
    const client = await this.#client
    // Its writes are rolled back: nothing may be recorded as done without them.
    if (!client) throw this.#loss ?? new Error(`tx of ${this.#name} was undone before its end`)
    try {
      await this.#answered
      const result = await retrying(() => inSavepoint(client, last))
      this.beforeCommit()
      // After the commit, a pooler lends the backend to another client: from here on it is not ours to end.
      if (isPooled(client)) this.#pid = null
      this.#isSaid = true
      const { command } = await client.query('commit').catch((cause) => {
        // For instance a deferred constraint.
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
      throw this.#loss ?? explain(error, this.#name, this.#failed)
    }
  }

  /**
   * Rolls everything back; if a statement has no answer within a second, by ending its session. Safe to call at any
   * time, more than once.
   */
  async rollback(): Promise<void> {
    this.#closed = true
    if (await this.#isStuck()) return this.abandon()
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

  /** Rolls everything back even if a handler is still using it: ends its session, and with it what it waits for. */
  async abandon(): Promise<void> {
    this.#closed = true
    const client = await this.#client?.catch(() => null)
    if (!client) return
    this.#release(client, new Error(`tx of ${this.#name} was abandoned`))
    if (this.#pid === null) return
    const ended = endBackend(this.#pool, this.#pid)
    await ended.catch((error) => this.#observers.logger.warn({ err: error }, 'could not end a session'))
  }

  async #isStuck(): Promise<boolean> {
    if (this.#underWay.size === 0) return false
    const answered = new AbortController()
    const all = Promise.allSettled(this.#underWay).then(() => false)
    const late = sleep(PATIENCE_MS, true, { signal: answered.signal }).catch(() => false)
    return Promise.race([all, late]).finally(() => answered.abort())
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
    // If its backend is ended before the client has closed, the client emits an error, which the pool, and so the
    // worker, would take for its own end.
    if (broken) client.removeAllListeners('error').on('error', ignore)
  }
}

/** In a savepoint, so that a deadlock rolls back only `last`, and it can be repeated. */
async function inSavepoint<T>(client: PoolClient, last: (db: Db) => Promise<T>): Promise<T> {
  await client.query('savepoint stepcast_end')
  try {
    return await last(client)
  } catch (error) {
    if (!isUnderWay(error)) await client.query('rollback to savepoint stepcast_end').catch(ignore)
    throw error
  }
}

function ignore(): void {}
