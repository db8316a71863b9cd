import cors from '@koa/cors'
import type { Context, Middleware } from 'koa'
import { Problem } from './problem.ts'

const READING = new Set(['GET', 'HEAD', 'OPTIONS'])
const PREFLIGHT_SECONDS = 600

/** Other origins whose pages may send requests, with a token: cookies are not accepted from them. */
export class Origins {
  readonly #allowed: ReadonlySet<string>

  /** @throws a TypeError for what is not an origin, such as a URL with a path */
  constructor(allowed: readonly string[] = []) {
    for (const origin of allowed) if (!isOrigin(origin)) throw notAnOrigin(origin)
    this.#allowed = new Set(allowed)
  }

  /** Lets browsers pass the responses on to those pages. */
  cors(): Middleware {
    return cors({
      origin: (ctx) => (this.#allowed.has(ctx.get('Origin')) ? ctx.get('Origin') : ''),
      allowMethods: ['GET', 'HEAD', 'POST', 'DELETE'],
      allowHeaders: ['Authorization', 'Content-Type', 'Last-Event-ID', 'traceparent', 'tracestate'],
      exposeHeaders: ['Location', 'Retry-After', 'WWW-Authenticate'],
      maxAge: PREFLIGHT_SECONDS,
    })
  }

  /**
   * 403 for a change that a foreign page requests: the browser would send its visitor's cookies along. A client that is
   * not a browser sends neither of these headers.
   */
  refuseForeign(ctx: Context): void {
    const origin = ctx.get('Origin')
    if (READING.has(ctx.method) || this.#allowed.has(origin)) return
    const site = ctx.get('Sec-Fetch-Site')
    const isOwn = site === '' ? isOfHost(origin, ctx.host) : site === 'same-origin' || site === 'none'
    if (!isOwn) throw foreignOrigin(origin || site)
  }
}

function isOfHost(origin: string, host: string): boolean {
  return origin === '' || (URL.canParse(origin) && new URL(origin).host === host)
}

/** A pattern is none: a star would be taken for a part of a name, and no page would ever match it. */
export function isOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text
}

function notAnOrigin(text: string): TypeError {
  return new TypeError(
    `An origin is like https://app.example or http://localhost:5173, without a slash or a star, not ${text}.`,
  )
}

function foreignOrigin(origin: string): Problem {
  const detail = `A page of another origin may change something only if that origin is allowed: this request comes from “${origin}”.`
  return new Problem(403, { detail })
}
