import pg from 'pg'
import { Announcer } from '../../db/announcer.ts'
import { silent } from '../../db/logger.ts'
import { Starter } from '../../db/starter.ts'
import { kill, type Stage } from '../stage.ts'
import type { Session } from './load.ts'

/** Connections of the starter: twice as many as our server would use. More would only wait for each other. */
const CONNECTIONS = 20

/** Our worker on a migrated database. */
export async function beginStepcast(stage: Stage, url: string): Promise<Session> {
  const { child } = await stage.fork(new URL('./worker.ts', import.meta.url), url)
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS })
  const starter = new Starter(pool, new Announcer(pool, silent))
  const ask = async <T>(sql: string, values: unknown[] = []) =>
    (await pool.query<{ answer: T }>(sql, values)).rows[0]?.answer as T
  const began = await ask<string>('select clock_timestamp()::text as answer')
  return {
    start: () => starter.start({ workflow: 'bench', input: {}, tenant: 'default', actor: 'bench' }),
    isBusy: () => ask<boolean>(IS_BUSY),
    // Only runs of this session: older ones may be purged meanwhile.
    countCompleted: async () => Number(await ask<string>(COUNT_COMPLETED, [began])),
    end: stage.defer(async () => {
      await pool.end()
      await kill(child)
    }),
  }
}

const COUNT_COMPLETED = `
  select count(*) as answer
  from stepcast.runs
  where tenant = 'default' and workflow = 'bench' and status = 'completed' and completed_at >= $1::timestamptz`

const IS_BUSY = `
  select exists (
    select from stepcast.runs
    where tenant = 'default' and workflow = 'bench' and status in ('pending', 'running')
  ) as answer`
