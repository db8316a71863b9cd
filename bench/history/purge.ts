import type { Client } from 'pg'

const BATCH = 500

/** Deletes so many of the oldest finished runs in batches, until that is done or `signal` says stop. */
export async function purge(client: Client, count: number, signal: AbortSignal): Promise<void> {
  for (let left = count; left > 0 && !signal.aborted; ) {
    const { rowCount } = await client.query(
      `delete from stepcast.runs
       where id in (
         select id
         from stepcast.runs
         where completed_at is not null
         order by id
         limit $1
       )`,
      [Math.min(BATCH, left)],
    )
    if (!rowCount) break
    left -= rowCount
  }
}
