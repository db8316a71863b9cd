import type { Client } from 'pg'
import { purgeRuns } from '../../db/purge.ts'

/** Purges about `count` of the oldest finished runs as `stepcast purge` does, until that is done or `signal` fires. */
export async function purge(client: Client, count: number, signal: AbortSignal): Promise<void> {
  const { rows } = await client.query<{ age: string }>(
    `select (clock_timestamp() - completed_at)::text as age
     from stepcast.runs
     where completed_at is not null
     order by completed_at, id
     offset $1
     limit 1`,
    [count],
  )
  const [oldest] = rows
  if (oldest) await purgeRuns(client, { olderThan: oldest.age, signal })
}
