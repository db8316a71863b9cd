import { subjectOf } from '../access/principal.ts'
import { looseBodyOf } from '../body.ts'
import type { ListInterest, Views } from '../hub/follower.ts'
import type { Interest } from '../hub/interests.ts'
import { parsePlace } from '../hub/sse.ts'
import type { Key } from '../hub/subscription.ts'
import { noSuchRun } from '../problem.ts'
import type { Ctx, Service } from '../service.ts'
import { asRunId, canBe, eventsBody, eventsQuery, fewQuery, keyOf, queryOf, runIdOf, type Wanted } from './requests.ts'

/** `GET /runs/:id/events`: ends with the run. */
export function ofRun(service: Service) {
  return async (ctx: Ctx): Promise<void> => {
    const run = runIdOf(ctx)
    const view = (await findViews(service, ctx, [run])).get(run)
    if (!view) throw noSuchRun()
    const interest = { run, view, since: parsePlace(ctx.get('Last-Event-ID')) }
    stream(service, ctx, [interest], { ...queryOf(ctx, eventsQuery), endsWithRun: true })
  }
}

/**
 * `GET /workflows/:workflow/keys/:key/events`: stays open for a retry or a newer run. Always begins with a snapshot:
 * the last event's id does not say which run it belongs to.
 */
export function ofKey(service: Service) {
  return async (ctx: Ctx): Promise<void> => {
    stream(service, ctx, await interestsIn(service, ctx, [keyOf(ctx)]), queryOf(ctx, eventsQuery))
  }
}

/** `GET /events?run=…`: a few runs, for clients that can only send GET. Begins with snapshots, as above. */
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
    const { runs } = looseBodyOf(ctx, eventsBody)
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
  ctx.onerror = ignore
  hub.watch(ctx.res, interests, { logs: logs === '1', endsWithRun, expiresAt: ctx.state.principal.expiresAt })
}

/** A client that disconnects during a write is no error. One function for all streams, since each holds on to it. */
function ignore(): void {}

/**
 * Reads from the database even if no run is named: so a database that is away is reported by a status, not by silence.
 * A key or a list that no run can match is not followed: nothing can ever happen in it.
 */
async function interestsIn(service: Service, ctx: Ctx, all: Wanted[]): Promise<Interest[]> {
  const ids = all.flatMap((each) => ('run' in each ? (asRunId(each.run) ?? []) : []))
  const views = await findViews(service, ctx, ids)
  const possible = all.filter((wanted) => 'run' in wanted || canBe(wanted))
  return possible.map((wanted) => {
    if ('limit' in wanted) return { list: listFor(service, ctx, wanted) }
    if ('key' in wanted) return { key: keyFor(service, ctx, wanted) }
    const run = asRunId(wanted.run)
    const view = run && views.get(run)
    return run && view ? { run, view, since: parsePlace(wanted.since ?? undefined) } : { absent: wanted.run }
  })
}

/** What the caller sees of some runs; hidden runs are absent, like runs that do not exist. */
async function findViews(
  { lookups, access }: Service,
  ctx: Ctx,
  ids: string[],
  way: 'viewOf' | 'viewInList' = 'viewOf',
): Promise<Views> {
  const { principal } = ctx.state
  const runs = await lookups.runs(ids.map((run) => ({ tenant: principal.tenant, run })))
  const views = await Promise.all(runs.map((run) => access[way](principal, subjectOf(run, principal))))
  return new Map(runs.map(({ id }, index) => [id, views[index]]))
}

/** The hub looks a key up within the tenant: the run is only looked up here if the view depends on it. */
function keyFor(service: Service, ctx: Ctx, { workflow, key }: { workflow: string; key: string }): Key {
  const { principal } = ctx.state
  const view = service.access.viewOfAny(principal)
  const find = async (run: string) => (await findViews(service, ctx, [run])).get(run) ?? null
  return { tenant: principal.tenant, workflow, key, viewOf: view === undefined ? find : async () => view }
}

function listFor(service: Service, ctx: Ctx, wanted: Extract<Wanted, { limit: number }>): ListInterest {
  const { principal } = ctx.state
  const { workflow = null, status: statuses = null, key = null, q = null, limit } = wanted
  const filter = { tenant: principal.tenant, workflow, statuses, key, q, limit }
  const view = service.access.viewOfAny(principal)
  const find = (runs: string[]) => findViews(service, ctx, runs, 'viewInList')
  return { filter, view: view === undefined ? find : view }
}
