import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/**
 * Resolves with the first row of a query for which it gives one, asking again at every announcement of the database.
 * The test's own timeout bounds it.
 */
export async function waitForRow<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const changed = announcements(client)
    await client.query('listen stepcast')
    for (;;) {
      const { rows } = await client.query<Row>(sql, values)
      if (rows[0]) return rows[0]
      await changed.next()
    }
  } finally {
    await client.end()
  }
}

/** Resolves once a query gives a row, for what nobody announces; asks twenty times a second. */
export async function pollForRow(url: string, sql: string, values: unknown[] = []): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    while ((await client.query(sql, values)).rowCount === 0) await sleep(50)
  } finally {
    await client.end()
  }
}

/** Each `next` resolves once something was announced since the one before. */
function announcements(client: pg.Client): { next(): Promise<void> } {
  let heard = Promise.withResolvers<void>()
  client.on('notification', () => heard.resolve())
  return {
    next: async () => {
      await heard.promise
      heard = Promise.withResolvers()
    },
  }
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
