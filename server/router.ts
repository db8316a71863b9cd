import { fileURLToPath } from 'node:url'
import Router from '@koa/router'
import { Registry } from '@prometheus-io/client'
import type { Middleware } from 'koa'
import { type Logger, silent } from '../db/logger.ts'
import { Access, type AccessOptions } from './access/access.ts'
import { type ConnectionOptions, openConnections, POOL_SIZE, READ_POOL_SIZE } from './connections.ts'
import { Cursors } from './cursors.ts'
import { gaugeDatabase } from './database-gauges.ts'
import { dispatch } from './dispatch.ts'
import { type CapOptions, Caps } from './limits/caps.ts'
import { type RateOptions, Rates } from './limits/rates.ts'
import { Turns } from './limits/turns.ts'
import { createLookups } from './lookups.ts'
import { meterIn } from './meter.ts'
import { Origins } from './origins.ts'
import { prefixOf } from './prefix.ts'
import { addRoutes } from './routes.ts'
import type { State } from './service.ts'

const BUILT = new URL('../dist', import.meta.url)
/** How long a response under way may still take when the server is stopped. */
export const DRAIN_MS = 3_000

export interface RouterOptions extends ConnectionOptions, AccessOptions, CapOptions {
  /**
   * Where it is mounted, such as `/stepcast`; a trailing slash is ignored. Default: the root, or
   * wherever koa-mount puts it.
   */
  prefix?: string | undefined
  /** Default: silent; what is answered with 500 then goes to the application's `error` event, as with Koa itself. */
  logger?: Logger | undefined
  /** Origins whose pages may send requests, with a token: `https://app.example`. Default: only the server's own. */
  corsOrigins?: readonly string[] | undefined
  /** Rate limits. */
  rates?: RateOptions | undefined
  /** Folder of the built page and elements. Default: the package's own. */
  assets?: string | undefined
  /** Registry that `/metrics` shows, with the metrics that the application keeps in it. Default: one of its own. */
  metrics?: Registry | undefined
}

export interface StepcastRouter {
  /** For `app.use`: answers Stepcast's own requests and passes every other one on. */
  routes(): Middleware
  /**
   * Ends every stream, gives other responses three seconds to finish, and closes every connection to the database;
   * takes some seconds at most. Idempotent.
   */
  stop(): Promise<void>
}

/**
 * Stepcast as a part of a Koa application. Connects to the database at once and never gives up: until it can be
 * reached, requests are answered with 503.
 * @throws a TypeError for a prefix that does not begin with a slash, or a `databaseUrl` that is no address of a database
 */
export function stepcastRouter(options: RouterOptions): StepcastRouter {
  const { logger = silent, assets = fileURLToPath(BUILT), metrics = new Registry() } = options
  const prefix = prefixOf(options.prefix)
  const [access, origins, rates] = [
    new Access(options, logger),
    new Origins(options.corsOrigins),
    new Rates(options.rates),
  ]
  const connections = openConnections(options, logger, meterIn(metrics))
  gaugeDatabase(metrics, connections.db)
  const lookups = createLookups(connections.db)
  const caps = new Caps(options)
  // Half of the connections stay free for everybody else.
  const turns = { lists: new Turns(READ_POOL_SIZE / 2), others: new Turns(POOL_SIZE / 2) }
  let stopped: Promise<void> | undefined
  const end = async () => {
    await connections.endStreams()
    await caps.quiet(DRAIN_MS)
    await connections.close()
  }
  const stop = () => {
    stopped ??= end()
    return stopped
  }
  const router = new Router<State>({ prefix })
  const isStopping = () => stopped !== undefined
  addRoutes(router, {
    ...connections,
    lookups,
    caps,
    turns,
    access,
    cursors: new Cursors(connections.readDb),
    origins,
    rates,
    logger,
    assets,
    metrics,
    isStopping,
  })
  return { routes: () => dispatch(router, logger, origins), stop }
}
