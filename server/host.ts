import type { Context } from 'koa'
import { Problem } from './problem.ts'

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i

/** Whether only this machine can reach a server that listens there. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host)
}

/**
 * For a server that asks nobody who they are: a page of somebody else's must not reach it through its visitor's browser
 * by a name that it lets point here (DNS rebinding). What a proxy says counts beside the name that was called, never in
 * place of it: such a page may say the same.
 */
export function refuseForeignHost(ctx: Context): void {
  const forwarded = ctx.app.proxy ? ctx.get('X-Forwarded-Host') : ''
  // HTTP/2 says it so.
  const called = ctx.get(':authority') || ctx.get('Host')
  const named = [called, ...(forwarded === '' ? [] : forwarded.split(','))]
  const foreign = named.find((host) => !isLoopback(URL.parse(`http://${host.trim()}`)?.hostname ?? ''))
  if (foreign === undefined) return
  const detail = `Without authentication only loopback names are answered, not “${foreign}”. Use localhost, or give the server an authenticate or jwt option.`
  throw new Problem(403, { detail })
}
