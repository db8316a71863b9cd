import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** A connection that all waiters in a process share, one for each database, and that hears what is announced there. */
class Session {
  readonly #client: pg.Client
  #heard = heard()
  #listening: Promise<unknown> | null = null
  #last: Promise<unknown> = Promise.resolve()

  private constructor(client: pg.Client) {
    this.#client = client
    client.on('notification', () => {
      this.#heard.resolve()
      this.#heard = heard()
    })
  }

  static async open(url: string, onLost: () => void): Promise<Session> {
    const client = new pg.Client(url)
    const session = new Session(client)
    client.on('error', (error) => {
      session.#heard.reject(error)
      onLost()
    })
    client.on('end', () => {
      session.#heard.reject(new Error('The connection has ended'))
      onLost()
    })
    await client.connect()
    return session
  }

  /** One query after the other. */
  async rows<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const answer = this.#last.then(() => this.#client.query<Row>(sql, values))
    this.#last = answer.catch(() => {})
    return (await answer).rows
  }

  /** Polling does not call this: it needs no announcements, and a standby cannot listen. */
  async listen(): Promise<void> {
    this.#listening ??= this.rows('listen stepcast')
    await this.#listening
  }

  /** Resolves at the next announcement; rejects if the connection is lost. */
  next(): Promise<void> {
    return this.#heard.promise
  }

  end(): Promise<void> {
    return this.#client.end()
  }
}

function heard(): PromiseWithResolvers<void> {
  const announced = Promise.withResolvers<void>()
  // Whoever does not wait need not learn that the connection is lost.
  announced.promise.catch(() => {})
  return announced
}

const sessions = new Map<string, Promise<Session>>()

/**
 * Resolves with the first row of a query once it returns one, querying again at every announcement of the database.
 * The test's own timeout bounds it.
 */
export async function waitForRow<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row> {
  const session = await sessionOf(url)
  await session.listen()
  for (;;) {
    // Before the query: what is announced while it runs may be what is waited for.
    const next = session.next()
    const [row] = await session.rows<Row>(sql, values)
    if (row) return row
    await next
  }
}

/** Resolves once a query returns a row, for what nobody announces; queries twenty times a second. */
export async function pollForRow(url: string, sql: string, values: unknown[] = []): Promise<void> {
  const session = await sessionOf(url)
  while ((await session.rows(sql, values)).length === 0) await sleep(50)
}

/** Closes the connection that was used to wait on a database. */
export async function endWaiting(url: string): Promise<void> {
  const session = sessions.get(url)
  sessions.delete(url)
  await session?.then((each) => each.end()).catch(() => {})
}

function sessionOf(url: string): Promise<Session> {
  const known = sessions.get(url)
  if (known) return known
  const opened = Session.open(url, () => {
    if (sessions.get(url) === opened) sessions.delete(url)
  })
  sessions.set(url, opened)
  opened.catch(() => sessions.delete(url))
  return opened
}

export interface FinishedRun {
  id: string
  status: string
  progress: number
  error: string | null
  error_stack: string | null
  output: unknown
}

/** Resolves with a run's row once it is finished. */
export function finished(url: string, run: string): Promise<FinishedRun> {
  return waitForRow(
    url,
    `select * from stepcast.runs where id = $1 and status in ('completed', 'failed', 'cancelled')`,
    [run],
  )
}
