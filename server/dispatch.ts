import type Router from '@koa/router'
import type { Context, Middleware, Next } from 'koa'
import type { Logger } from '../db/logger.ts'
import { answerFailures } from './failures.ts'
import { protect } from './headers.ts'
import type { Origins } from './origins.ts'
import { Problem } from './problem.ts'
import type { Ctx, State } from './service.ts'

/** The routes as one middleware: answers our own requests, including errors, and passes all others to `next`. */
export function dispatch(router: Router<State>, logger: Logger, origins: Origins): Middleware {
  const [protecting, sharing, answering] = [protect(), origins.cors(), answerFailures(logger)]
  const answer = (ctx: Context, next: Next) => protecting(ctx, () => sharing(ctx, () => answering(ctx, next)))
  const routes = router.routes()
  return async (ctx, next) => {
    const { path, route } = router.match(ctx.path, ctx.method)
    const methods = [...new Set(path.flatMap((layer) => layer.methods))]
    if (methods.length === 0) return next()
    await answer(ctx, async () => {
      refuseMalformed(ctx.originalUrl)
      if (!route) return answerMethod(ctx as Ctx, methods)
      await routes(ctx as Ctx, next)
    })
  }
}

/** The router would take `%zz` literally, and a query would be read as something else. */
export function refuseMalformed(url: string): void {
  try {
    decodeURIComponent(url)
  } catch {
    throw new Problem(400, { detail: 'The address holds a % that is not followed by valid UTF-8 in hexadecimal.' })
  }
}

function answerMethod(ctx: Ctx, methods: string[]): void {
  const allow = [...methods, 'OPTIONS'].join(', ')
  if (ctx.method !== 'OPTIONS') {
    throw new Problem(405, { detail: `${ctx.method} is not allowed here; allowed are ${allow}.` }, { Allow: allow })
  }
  ctx.status = 204
  ctx.set('Allow', allow)
}
