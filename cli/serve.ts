import type { Logger } from '../db/logger.ts'
import { type JwtOptions, type StepcastServer, startServer } from '../server/start.ts'
import { processMetrics } from './metrics.ts'
import { withPort } from './ports.ts'
import { isOpen, type Settings } from './settings.ts'

/** Starts the server with these settings. */
export function serve(settings: Settings, databaseUrl: string, logger: Logger): Promise<StepcastServer> {
  const {
    STEPCAST_LISTEN_URL: listenUrl,
    STEPCAST_READ_URL: readUrl,
    HOST: host,
    STEPCAST_CORS_ORIGINS: corsOrigins,
  } = settings
  const metrics = processMetrics()
  const jwt = jwtOf(settings)
  return withPort(settings.PORT, (port) =>
    startServer({ databaseUrl, listenUrl, readUrl, host, port, jwt, corsOrigins, logger, metrics }),
  )
}

function jwtOf(settings: Settings): JwtOptions | undefined {
  const { STEPCAST_JWT_SECRET: secret, STEPCAST_JWKS_URL: jwksUrl } = settings
  if (isOpen(settings)) return undefined
  return { secret, jwksUrl, audience: settings.STEPCAST_JWT_AUDIENCE, issuer: settings.STEPCAST_JWT_ISSUER }
}
