import type Router from '@koa/router'
import type { Next } from 'koa'
import { canWatch } from '../db/changes.ts'
import type { Principal } from './access/principal.ts'
import { Assets } from './assets.ts'
import { readBody } from './body.ts'
import { isGone } from './gone.ts'
import { refuseStrangers } from './host.ts'
import { docs, openapi } from './openapi/routes.ts'
import { Problem, unavailable } from './problem.ts'
import { ofFew, ofKey, ofMany, ofRun } from './routes/events.ts'
import { BY_ID, BY_KEY } from './routes/find-run.ts'
import { journal, logs } from './routes/history.ts'
import { list } from './routes/list-runs.ts'
import { cancel, read, remove, retry, start } from './routes/runs.ts'
import { durations, running, stats } from './routes/stats.ts'
import { stuck } from './routes/stuck.ts'
import { workflows } from './routes/workflows.ts'
import type { Ctx, Service, State } from './service.ts'

/** The files that pages load: everything in the assets folder except pages and chunks. */
const SCRIPTS = ['stepcast.js', 'home.js', 'run.js', 'start.js', 'stats.js']
const LOADED = [...SCRIPTS, ...SCRIPTS.map((name) => `${name}.map`), 'page.css', 'docs.css', 'icon.svg']

/** Adds every route. */
export function addRoutes(router: Router<State>, service: Service): void {
  const asked = identify(service, (who) => service.caps.enter(who))
  const watching = identify(service, (who, ip) => service.caps.enterStream(ip, who))
  const inTurn = takingTurns(service, 'others')
  const listing = takingTurns(service, 'lists')
  router.get('/runs', asked, listing, list(service))
  router.post('/runs', asked, readBody, inTurn, start(service))
  router.get('/workflows', asked, inTurn, workflows(service))
  router.get('/stats', asked, listing, stats(service))
  router.get('/stats/running', asked, listing, running(service))
  router.get('/stats/durations', asked, listing, durations(service))
  router.get('/stuck', asked, inTurn, stuck(service))
  router.get('/metrics', asked, metrics(service))
  router.post('/events', watching, readBody, ofMany(service))
  router.get('/events', watching, ofFew(service))
  router.get(`${BY_ID}/events`, watching, ofRun(service))
  router.get(`${BY_KEY}/events`, watching, ofKey(service))
  for (const base of [BY_ID, BY_KEY]) {
    router.get(base, asked, inTurn, read(service))
    router.delete(base, asked, inTurn, remove(service))
    router.get(`${base}/logs`, asked, inTurn, logs(service))
    router.get(`${base}/journal`, asked, inTurn, journal(service))
    router.post(`${base}/cancel`, asked, readBody, inTurn, cancel(service))
    router.post(`${base}/retry`, asked, readBody, inTurn, retry(service))
  }
  const assets = new Assets(service.assets)
  router.get('/', slash(true), (ctx) => assets.serve(ctx, 'index.html'))
  router.get(`${BY_ID}/view`, slash(false), (ctx) => assets.serve(ctx, 'run.html'))
  router.get('/start/view', slash(false), (ctx) => assets.serve(ctx, 'start.html'))
  router.get('/stats/view', slash(false), (ctx) => assets.serve(ctx, 'stats.html'))
  router.get('/chunks/:chunk', (ctx) => assets.serveChunk(ctx))
  for (const name of LOADED) router.get(`/${name}`, (ctx) => assets.serve(ctx, name))
  router.get('/openapi.json', slash(false), openapi)
  router.get('/docs', slash(false), docs)
  router.get('/livez', alive)
  router.get('/readyz', ready(service))
}

/** Takes a place for a principal's request; null: there is no authentication. 429 or 503 if no place is left. */
type Enter = (principal: Principal | null, ip: string) => () => void

/** Identifies the caller before the rest of the request is read, and holds a place until the response is over. */
function identify({ access, origins, rates, isStopping }: Service, enter: Enter) {
  return async (ctx: Ctx, next: Next): Promise<void> => {
    if (isStopping()) throw stopping()
    if (access.isOpen) refuseStrangers(ctx)
    origins.refuseForeign(ctx)
    const principal = await access.identify(ctx).catch((error) => rates.countRefusal(ctx, error))
    if (!access.isOpen) await rates.count(principal)
    const leave = enter(access.isOpen ? null : principal, ctx.ip)
    if (isGone(ctx.res)) leave()
    else ctx.res.on('close', leave)
    ctx.state.principal = principal
    ctx.set('Cache-Control', 'no-store')
    await next()
  }
}

/** Limits how many of one principal's requests query the database at once, so that connections stay free for others. */
function takingTurns({ access, turns }: Service, at: keyof Service['turns']) {
  return async (ctx: Ctx, next: Next): Promise<void> => {
    if (access.isOpen) await next()
    else await turns[at].run(ctx.state.principal, next)
  }
}

/** Numbers of all tenants: only for principals that `authenticate` marks as operators. */
function metrics({ metrics }: Service) {
  return async (ctx: Ctx): Promise<void> => {
    if (!ctx.state.principal.operator) throw new Problem(403, { detail: 'Metrics are for operators.' })
    ctx.set('Content-Type', metrics.contentType)
    ctx.body = await metrics.metrics()
  }
}

/**
 * URLs in a page are relative, so it matters whether the page's own URL ends with a slash. The redirect is relative
 * too, because a proxy in front may have taken away the beginning of the path.
 */
function slash(wanted: boolean) {
  return async (ctx: Ctx, next: Next): Promise<void> => {
    const [path = '', ...query] = ctx.originalUrl.split('?')
    if (path.endsWith('/') === wanted) return next()
    const name = path.split('/').findLast(Boolean)
    ctx.redirect([wanted ? `./${name}/` : `../${name}`, ...query].join('?'))
    ctx.status = 308
  }
}

/** 200 if the process answers. */
async function alive(ctx: Ctx): Promise<void> {
  ctx.body = { status: 'ok' }
}

/** 200 if the database answers and has Stepcast's schema. Open to anybody, so simultaneous requests share one query. */
function ready({ db, isStopping }: Service) {
  let asking: Promise<boolean> | null = null
  return async (ctx: Ctx): Promise<void> => {
    if (isStopping()) throw stopping()
    asking ??= canWatch(db).finally(() => {
      asking = null
    })
    if (!(await asking)) throw unavailable('The database is a standby: nothing can be changed or watched.')
    ctx.body = { status: 'ok' }
  }
}

function stopping(): Problem {
  return unavailable('The server is stopping.')
}
