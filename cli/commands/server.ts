import { readRevisions } from '../../db/changes.ts'
import type { Logger } from '../../db/logger.ts'
import { openDatabase } from '../database.ts'
import { jsonLogger } from '../log.ts'
import { openPool } from '../pool.ts'
import { MAY_NOT } from '../report.ts'
import { serve } from '../serve.ts'
import { readSettings } from '../settings.ts'
import { stopSignal, whenStopped } from '../stop.ts'

export default async function server(): Promise<number> {
  const settings = readSettings()
  const signal = stopSignal()
  const logger = jsonLogger(settings)
  await using database = await openDatabase(settings)
  await using running = await serve(settings, database.url, logger)
  logger.info({ url: running.url }, 'listening')
  await Promise.race([whenStopped(signal), refusal(database.url, logger)])
  return 0
}

/**
 * Rejects if the login lacks the rights that a server needs, since waiting does not help. A database that cannot be
 * reached may come back.
 */
async function refusal(databaseUrl: string, logger: Logger): Promise<never> {
  {
    await using db = openPool(databaseUrl, logger)
    await readRevisions(db.pool, []).catch((error) => {
      if (error.code === MAY_NOT) throw error
    })
  }
  return await new Promise<never>(() => {})
}
