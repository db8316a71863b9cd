import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Koa from 'koa'
import { silent } from '../db/logger.ts'
import { isOpen } from './access/access.ts'
import { refuseMalformed } from './dispatch.ts'
import { answerFailures } from './failures.ts'
import { protect } from './headers.ts'
import { isLoopback } from './host.ts'
import { answerMalformed } from './malformed.ts'
import { prefixOf } from './prefix.ts'
import { notFound } from './problem.ts'
import { DRAIN_MS, type RouterOptions, type StepcastRouter, stepcastRouter } from './router.ts'

export type { Action, Principal, RunSubject, Scope } from './access/principal.ts'
export { type MintOptions, mintRunToken } from './access/run-token.ts'
export type { JwtOptions } from './access/tokens.ts'
export { type RouterOptions, type StepcastRouter, stepcastRouter } from './router.ts'

const SECOND = 1_000
/**
 * Connections that may wait to be accepted: as many as the system allows (4,096 on Linux, `net.core.somaxconn`). Node's
 * default of 511 is too few when thousands reconnect at once: the rest are dropped, and try again after one, three and
 * seven seconds.
 */
const BACKLOG = 65_535

/** In milliseconds. A slower client loses its connection. */
export interface Timeouts {
  /** From the opening of the connection until the headers have arrived. Default 10,000. */
  headersMs?: number | undefined
  /** Until the whole request has arrived. Default 30,000. */
  requestMs?: number | undefined
  /** Without a byte in either direction, while the client should read a response. Default 60,000. */
  stalledMs?: number | undefined
  /**
   * Between an answer and the next request on the same connection. A proxy that keeps connections for longer would now
   * and then send a request on one that is just being closed, and answer 502: it must not repeat a POST. Default
   * 130,000, longer than nginx (60 s), AWS (60 s), Traefik (90 s) and Caddy (120 s) keep theirs.
   */
  idleMs?: number | undefined
}

export interface ServerOptions extends RouterOptions {
  /** Default 127.0.0.1. A host that others can reach needs `authenticate` or `jwt`. */
  host?: string | undefined
  /** Default 8080; 0: any free port. */
  port?: number | undefined
  /**
   * How many proxies of your own stand in front of the server, one behind the other: the client's address is the one
   * that the outermost of them saw, and they say what host and protocol are. Default 0: `X-Forwarded-…` is ignored.
   */
  trustedProxies?: number | undefined
  /** How long a client may take to send a request and to receive the response. */
  timeouts?: Timeouts | undefined
}

export interface StepcastServer {
  /** Without a trailing slash. */
  url: string
  port: number
  /**
   * Accepts nothing new, ends the streams with a line that says when to reconnect, and gives responses three seconds to
   * finish.
   */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts a server of its own, which is listening when this resolves. The database may be down: requests are answered
 * with 503 until it is back.
 * @throws an error with code EADDRINUSE if the port is taken, or ERR_OPEN_TO_STRANGERS if others can reach `host` but
 * there is no authentication; a TypeError or RangeError for an invalid `databaseUrl`, `prefix`, origin or `jwt`
 */
export async function startServer(options: ServerOptions): Promise<StepcastServer> {
  const { host = '127.0.0.1', port: wanted = 8080 } = options
  const prefix = prefixOf(options.prefix)
  if (isOpen(options) && !isLoopback(host)) throw openToStrangers(host)
  const server = openServer(options.timeouts)
  const port = await listen(server, host, wanted)
  if (isOpen(options)) options.logger?.info({ host }, 'no authentication is configured: only this machine is answered')
  const stepcast = closingUnless(server, () => stepcastRouter(options))
  server.on('request', application(stepcast, options).callback())
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= end(server, stepcast)
    return stopped
  }
  const name = host.includes(':') ? `[${host}]` : host
  return { url: `http://${name}:${port}${prefix}`, port, stop, [Symbol.asyncDispose]: stop }
}

function openServer({
  headersMs = 10 * SECOND,
  requestMs = 30 * SECOND,
  stalledMs = 60 * SECOND,
  idleMs = 130 * SECOND,
}: Timeouts = {}): Server {
  const server = createServer({
    // Includes the request's address.
    maxHeaderSize: 16 * 1024,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    connectionsCheckingInterval: Math.min(5 * SECOND, headersMs / 2),
    keepAlive: true,
    keepAliveInitialDelay: 30 * SECOND,
  })
  answerMalformed(server)
  return server.setTimeout(stalledMs)
}

/** If `make` throws, the port is released. */
function closingUnless<Made>(server: Server, make: () => Made): Made {
  try {
    return make()
  } catch (error) {
    server.close()
    throw error
  }
}

function application(stepcast: StepcastRouter, { logger = silent, trustedProxies = 0 }: ServerOptions): Koa {
  const app = new Koa({ proxy: trustedProxies > 0, maxIpsCount: trustedProxies })
  // What arrives here is a client that disconnected in the middle of a response.
  app.on('error', (error) => logger.debug({ err: error }, 'an answer was cut short'))
  app.use(answerFailures(logger))
  app.use(stepcast.routes())
  app.use(protect())
  app.use((ctx) => {
    refuseMalformed(ctx.originalUrl)
    throw notFound()
  })
  return app
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', (cause: NodeJS.ErrnoException) => reject(whyNotListening(cause, host, port)))
  server.listen({ port, host, backlog: BACKLOG }, resolve)
  await promise
  return (server.address() as AddressInfo).port
}

async function end(server: Server, stepcast: StepcastRouter): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  const answered = stepcast.stop()
  // Connections become idle one by one, as their responses end; no new request may begin on one.
  const idle = setInterval(() => server.closeIdleConnections(), 50)
  const deadline = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
  await closed
  clearInterval(idle)
  clearTimeout(deadline)
  await answered
}

function whyNotListening(cause: NodeJS.ErrnoException, host: string, port: number): Error {
  const { code, message } = cause
  const detail = code === 'EADDRINUSE' ? 'something else listens there; stop it, or choose another port' : message
  return Object.assign(new Error(`Cannot listen on port ${port} of ${host}: ${detail}`, { cause }), { code })
}

function openToStrangers(host: string): Error {
  const reason = 'without an `authenticate` or `jwt` option anyone who reaches it could start, watch and cancel runs'
  const advice = 'say who may do what (for the command: STEPCAST_JWT_SECRET or STEPCAST_JWKS_URL)'
  const error = new Error(`The server may not listen on ${host}: ${reason}. Use 127.0.0.1, or ${advice}.`)
  return Object.assign(error, { code: 'ERR_OPEN_TO_STRANGERS' })
}
