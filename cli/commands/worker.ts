import { startWorker } from '../../worker/start.ts'
import { loadConfig } from '../config.ts'
import { openDatabase } from '../database.ts'
import { jsonLogger } from '../log.ts'
import { report } from '../report.ts'
import { readSettings } from '../settings.ts'
import { stopSignal, whenStopped } from '../stop.ts'

/** Runs until it is told to stop, its supervisor is gone, or it cannot go on: then whoever watches it starts another. */
export default async function worker(options: { workflows: string }): Promise<number> {
  const settings = readSettings()
  const orphaned = new AbortController()
  process.once('disconnect', () => orphaned.abort())
  const signal = AbortSignal.any([stopSignal(), orphaned.signal])
  // Graphile Worker lets some errors of a lost database escape. The process ends for them either way; one line says why.
  process.on('uncaughtException', (error) => process.exit(report(error)))
  const { workflows } = await loadConfig(options.workflows)
  await using database = await openDatabase(settings)
  await using running = await startWorker({
    workflows,
    databaseUrl: database.url,
    listenUrl: settings.STEPCAST_LISTEN_URL,
    logger: jsonLogger(settings),
  })
  await Promise.race([running.done, whenStopped(signal)])
  return 0
}
