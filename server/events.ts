import { finished } from 'node:stream'
import type { Next } from 'koa'
import { subjectOf } from './access.ts'
import { bodyOf } from './body.ts'
import type { ListInterest } from './follower.ts'
import type { Interest } from './interests.ts'
import { noSuchRun } from './problem.ts'
import { asRunId, eventsBody, eventsQuery, fewQuery, keyOf, queryOf, runIdOf, type Wanted } from './requests.ts'
import type { Ctx, Service } from './service.ts'
import { parsePlace } from './sse.ts'
import type { Key } from './subscription.ts'

/** Takes one of the places that there are for streams, until the answer is over; 503 or 429 where none is left. */
export function capped({ caps, access }: Service) {
  return async (ctx: Ctx, next: Next): Promise<void> => {
    const leave = caps.enter(ctx.ip, access.isOpen ? null : ctx.state.principal)
    finished(ctx.res, leave)
    await next()
  }
}

/** `GET /runs/:id/events`: ends with the run. */
export function ofRun(service: Service) {
  return async (ctx: Ctx): Promise<void> => {
    const { principal } = ctx.state
    const [run] = await service.lookups.runs([{ tenant: principal.tenant, run: runIdOf(ctx) }])
    if (!run) throw noSuchRun()
    await service.access.require(principal, 'run:read', subjectOf(run, principal))
    const interest = { run: run.id, since: parsePlace(ctx.get('Last-Event-ID')) }
    stream(service, ctx, [interest], { ...queryOf(ctx, eventsQuery), endsWithRun: true })
  }
}

/**
 * `GET /workflows/:workflow/keys/:key/events`: stays open for a retry or a newer run. Always begins with a snapshot: the
 * last event's id does not say which run it was of.
 */
export function ofKey(service: Service) {
  return async (ctx: Ctx): Promise<void> => {
    const key = keyFor(service, ctx, keyOf(ctx))
    // A database that is away is told by a status, not by silence.
    await service.lookups.newest([key])
    stream(service, ctx, [{ key }], queryOf(ctx, eventsQuery))
  }
}

/** `GET /events?run=…`: a few runs, for what can only GET. Begins with snapshots, as above. */
export function ofFew(service: Service) {
  return async (ctx: Ctx): Promise<void> => {
    const query = queryOf(ctx, fewQuery)
    const wanted = query.run.map((run) => ({ run }))
    stream(service, ctx, await interestsIn(service, ctx, wanted), query)
  }
}

/** `POST /events`: many runs, keys and live lists on one connection, which stays open. */
export function ofMany(service: Service) {
  return async (ctx: Ctx): Promise<void> => {
    const query = queryOf(ctx, eventsQuery)
    const { runs } = bodyOf(ctx, eventsBody)
    stream(service, ctx, await interestsIn(service, ctx, runs), query)
  }
}

function stream(
  { hub }: Service,
  ctx: Ctx,
  interests: Interest[],
  { logs, endsWithRun = false }: { logs: '0' | '1'; endsWithRun?: boolean },
): void {
  if (ctx.method === 'HEAD') {
    ctx.status = 200
    ctx.type = 'text/event-stream'
    return
  }
  // Koa would buffer, count and end it: from here on the response is the hub's.
  ctx.respond = false
  hub.watch(ctx.res, interests, { logs: logs === '1', endsWithRun })
}

/** Reads from the database also where no run is named: one that is away is told by a status, not by silence. */
async function interestsIn(service: Service, ctx: Ctx, all: Wanted[]): Promise<Interest[]> {
  const visible = new Set(
    await findVisible(
      service,
      ctx,
      all.flatMap((each) => ('run' in each ? (asRunId(each.run) ?? []) : [])),
    ),
  )
  return all.map((wanted) => {
    if ('key' in wanted) return { key: keyFor(service, ctx, wanted) }
    if ('limit' in wanted) return { list: listFor(service, ctx, wanted) }
    const run = asRunId(wanted.run)
    return run && visible.has(run) ? { run, since: parsePlace(wanted.since ?? undefined) } : { absent: wanted.run }
  })
}

async function findVisible({ lookups, access }: Service, ctx: Ctx, ids: string[]): Promise<string[]> {
  const { principal } = ctx.state
  const runs = await lookups.runs(ids.map((run) => ({ tenant: principal.tenant, run })))
  const allowed = await Promise.all(runs.map((run) => access.allows(principal, 'run:read', subjectOf(run, principal))))
  return runs.filter((_, index) => allowed[index]).map(({ id }) => id)
}

/** The hub looks a key up within the tenant: only where a rule of the application's own decides is the run read first. */
function keyFor(service: Service, ctx: Ctx, { workflow, key }: { workflow: string; key: string }): Key {
  const admits = async (run: string) => !service.access.asksEach || (await findVisible(service, ctx, [run])).length > 0
  return { tenant: ctx.state.principal.tenant, workflow, key, admits }
}

function listFor(service: Service, ctx: Ctx, wanted: Extract<Wanted, { limit: number }>): ListInterest {
  const { workflow = null, status = null, limit } = wanted
  const filter = { tenant: ctx.state.principal.tenant, workflow, status, limit }
  return { filter, admits: service.access.asksEach ? (runs) => findVisible(service, ctx, runs) : null }
}
