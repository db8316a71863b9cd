import type { Logger } from '../db/logger.ts'
import { type StepcastServer, startServer } from '../server/start.ts'
import { processMetrics } from './metrics.ts'
import { withPort } from './ports.ts'
import type { Settings } from './settings.ts'

/** The server, as the settings want it. */
export function serve(settings: Settings, databaseUrl: string, logger: Logger): Promise<StepcastServer> {
  const { STEPCAST_LISTEN_URL: listenUrl, STEPCAST_READ_URL: readUrl, HOST: host } = settings
  const metrics = processMetrics()
  return withPort(settings.PORT, (port) =>
    startServer({ databaseUrl, listenUrl, readUrl, host, port, logger, metrics }),
  )
}
