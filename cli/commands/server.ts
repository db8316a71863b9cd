import { openDatabase } from '../database.ts'
import { jsonLogger } from '../log.ts'
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
  await whenStopped(signal)
  return 0
}
