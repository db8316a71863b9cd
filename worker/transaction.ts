import type { Pool, PoolClient } from 'pg'
import { retrying } from '../db/call.ts'
import type { Db } from '../db/client.ts'
import { endSession } from '../db/engine.ts'
import type { Logger } from '../db/logger.ts'
import type { Tx } from './context.ts'

const LONG_MS = 30_000

/** A transaction that opens at its first statement, if there ever is one. */
export class Transaction implements Tx {
  readonly #pool: Pool
  readonly #logger: Logger
  /** Names what it belongs to, in errors and logs. */
  readonly #owner: string
  #client: Promise<PoolClient> | null = null
  #closed = false
  #blockedBy: string | null = null
  #longTimer: NodeJS.Timeout | undefined

  readonly #openOnes: Set<Transaction> | undefined

  /** @param openOnes where it enters itself while it is open, so that it can be abandoned. */
  constructor(pool: Pool, logger: Logger, owner: string, openOnes?: Set<Transaction>) {
    this.#pool = pool
    this.#logger = logger
    this.#owner = owner
    this.#openOnes = openOnes
  }

  query: Tx['query'] = async (query, values) => {
    if (this.#closed)
      throw new Error(`tx of ${this.#owner} is closed: await every statement before the handler returns`)
    if (this.#blockedBy) {
      throw new Error(
        `tx of ${this.#owner} cannot be used inside its sub-step ${this.#blockedBy}: use sub.tx, which commits with it`,
      )
    }
    const client = await this.open()
    return typeof query === 'string' ? client.query(query, values) : client.query(query)
  }

  /** Opens it now, where what comes must be in it. */
  open(): Promise<PoolClient> {
    this.#client ??= this.#begin()
    return this.#client
  }

  /** Refuses statements while a sub-step with a transaction of its own is running; returns the undo. */
  block(substep: string): () => void {
    this.#blockedBy = substep
    return () => {
      this.#blockedBy = null
    }
  }

  /** Runs a last statement in it and commits; where it was never opened, the statement is its own transaction. */
  async commit<T>(last: (db: Db) => Promise<T>): Promise<T> {
    this.#closed = true
    if (!this.#client) return retrying(() => last(this.#pool))
    const client = await this.#client
    try {
      const result = await last(client)
      await client.query('commit')
      this.#release(client)
      return result
    } catch (error) {
      await this.rollback()
      throw error
    }
  }

  /** Undoes everything. Safe to call at any time, more than once. */
  async rollback(): Promise<void> {
    this.#closed = true
    const opening = this.#client
    this.#client = null
    const client = await opening?.catch(() => null)
    if (!client) return
    try {
      await client.query('rollback')
      this.#release(client)
    } catch (error) {
      this.#release(client, error as Error)
    }
  }

  /** Undoes everything though a handler may still be using it: its session is ended, and with it what it waits for. */
  async abandon(): Promise<void> {
    this.#closed = true
    const client = await this.#client?.catch(() => null)
    if (!client) return
    this.#release(client, new Error(`tx of ${this.#owner} was abandoned`))
    await endSession(this.#pool, client).catch((error) => this.#logger.warn({ error }, 'could not end a session'))
  }

  async #begin(): Promise<PoolClient> {
    const client = await this.#pool.connect()
    this.#openOnes?.add(this)
    // A session that breaks in a transaction says so to its next statement.
    client.on('error', ignore)
    await client.query('begin')
    this.#longTimer = setTimeout(() => {
      this.#logger.warn(
        { owner: this.#owner, ms: LONG_MS },
        'tx is open for long, which slows the whole database; use sub-steps',
      )
    }, LONG_MS)
    this.#longTimer.unref()
    return client
  }

  #release(client: PoolClient, broken?: Error): void {
    clearTimeout(this.#longTimer)
    this.#client = null
    this.#openOnes?.delete(this)
    client.off('error', ignore)
    client.release(broken)
  }
}

function ignore(): void {}
