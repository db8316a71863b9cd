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
 * Connections that may wait to be accepted: all that the system lets (4,096 on Linux, `net.core.somaxconn`). Node's 511
 * are few where thousands come back at once: the rest is dropped, and tries again after one, three and seven seconds.
 */
const BACKLOG = 65_535

/** In milliseconds. Whoever is slower holds no connection any longer. */
export interface Timeouts {
  /** Until the headers are there, from the first moment of the connection on. Default 10,000. */
  headersMs?: number | undefined
  /** Until the whole request is there. Default 30,000. */
  requestMs?: number | undefined
  /** Without a byte that comes or goes, while the client should take an answer. Default 60,000. */
  stalledMs?: number | undefined
}

export interface ServerOptions extends RouterOptions {
  /** Default 127.0.0.1. One that others can reach needs `authenticate` or `jwt`. */
  host?: string | undefined
  /** Default 8080; 0: any that is free. */
  port?: number | undefined
  /**
   * How many proxies of yours stand before it, one behind the other: the client's address is the one that the outermost
   * of them saw, and host and protocol are what they say. Default 0: what `X-Forwarded-…` says counts for nothing.
   */
  trustedProxies?: number | undefined
  /** How long a client may take to ask, and to be answered. */
  timeouts?: Timeouts | undefined
}

export interface StepcastServer {
  /** Without a slash at its end. */
  url: string
  port: number
  /**
   * Takes nothing new, ends the streams with a line that says when to come back, lets answers finish for three seconds.
   */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * A server of its own, listening when this resolves. The database may be away: requests are answered
 * with 503 until it is back.
 * @throws an error with code EADDRINUSE when the port is taken; one that says what to do for a `host` that others reach while
 * nobody is asked who he is; TypeError or RangeError for a `prefix`, an origin or `jwt` that cannot be
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
}: Timeouts = {}): Server {
  const server = createServer({
    // With the address.
    maxHeaderSize: 16 * 1024,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(5 * SECOND, headersMs / 2),
    keepAlive: true,
    keepAliveInitialDelay: 30 * SECOND,
  })
  answerMalformed(server)
  return server.setTimeout(stalledMs)
}

/** What cannot be made leaves no port taken. */
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
  // What reaches this are clients that went away in the middle of an answer.
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
  // Connections become idle one by one, as their answers end; nobody may begin a new request on one.
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
  return new Error(
    `The server may not listen on ${host}: ${reason}. Use 127.0.0.1, or say who may do what (for the command: STEPCAST_JWT_SECRET or STEPCAST_JWKS_URL).`,
  )
}
