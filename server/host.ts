import type { Context } from 'koa'
import { Problem } from './problem.ts'

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i
const READING = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whether only this machine can reach a server that listens there. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host)
}

/**
 * For a server that asks nobody who they are: a page of somebody else's must not reach it through its visitor's browser,
 * neither by a name that it lets point here (DNS rebinding) nor by sending a request across origins.
 */
export function refuseForeignPages(ctx: Context): void {
  if (!isLoopback(ctx.hostname)) throw foreignHost(ctx.host)
  if (!READING.has(ctx.method) && isForeign(ctx)) throw foreignOrigin(ctx.get('Origin'))
}

function isForeign(ctx: Context): boolean {
  const origin = ctx.get('Origin')
  return origin !== '' && (!URL.canParse(origin) || new URL(origin).host !== ctx.host)
}

function foreignHost(host: string): Problem {
  const detail = `Without authentication only loopback names are answered, not “${host}”. Use localhost, or give the server an authenticate option.`
  return new Problem(403, { detail })
}

function foreignOrigin(origin: string): Problem {
  const detail = `Without authentication pages of another origin may change nothing: the request comes from “${origin}”.`
  return new Problem(403, { detail })
}
