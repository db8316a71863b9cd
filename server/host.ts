import type { Context } from 'koa'
import { Problem } from './problem.ts'

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i

/** Whether only this machine can reach a server that listens on this host. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host)
}

/** Whether nobody in between can change what this address answers; null: it is no address. */
export function isTamperProof(url: URL | null): boolean {
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))
}

/** An address of IPv4 as such, where a socket of IPv6 has taken the connection. */
export function unmapped(ip: string): string {
  return ip.replace(/^::ffff:(?=\d+\.)/i, '')
}

/** For a server without authentication, which an application may have mounted where others reach it. */
export function refuseStrangers(ctx: Context): void {
  refuseOtherMachine(ctx)
  refuseForeignHost(ctx)
}

/** Asked of the connection itself: the names in the headers are whatever the other machine has written there. */
function refuseOtherMachine({ req }: Context): void {
  // A Unix socket has no address.
  const address = unmapped(req.socket.remoteAddress ?? '')
  if (address === '' || isLoopback(address)) return
  const detail = `Without authentication only this machine is answered, not ${address}. Give the server an authenticate or jwt option.`
  throw new Problem(403, { detail })
}

/**
 * A foreign page must not reach it through a visitor's browser under a name that it has pointed to this machine (DNS
 * rebinding). A proxy's header counts in addition to the requested name, never in its place: such a page could send the
 * same header.
 */
function refuseForeignHost(ctx: Context): void {
  const forwarded = ctx.app.proxy ? ctx.get('X-Forwarded-Host') : ''
  // The name in HTTP/2.
  const called = ctx.get(':authority') || ctx.get('Host')
  const named = [called, ...(forwarded === '' ? [] : forwarded.split(','))]
  const foreign = named.find((host) => !isLoopback(URL.parse(`http://${host.trim()}`)?.hostname ?? ''))
  if (foreign === undefined) return
  const detail = `Without authentication only loopback names are answered, not “${foreign}”. Use localhost, or give the server an authenticate or jwt option.`
  throw new Problem(403, { detail })
}
