import { findRuns, newestRun } from '../db/runs.ts'
import { subjectOf } from './access.ts'
import { bodyOf } from './body.ts'
import { findRun } from './find-run.ts'
import type { Interest } from './hub.ts'
import { asRunId, eventsBody, eventsQuery, keyOf, queryOf } from './requests.ts'
import type { Ctx, Service } from './service.ts'
import { parsePlace } from './sse.ts'
import type { Key } from './subscription.ts'

/** `GET /runs/:id/events`: ends with the run. */
export function ofRun(service: Service) {
  return async (ctx: Ctx): Promise<void> => {
    const { run } = await findRun(service, ctx, 'run:read')
    stream(service, ctx, [{ run: run.id, since: parsePlace(ctx.get('Last-Event-ID')) }], true)
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
    await newestRun(service.db, key)
    stream(service, ctx, [{ key }], false)
  }
}

/** `POST /events`: many runs on one connection, which stays open. */
export function ofMany(service: Service) {
  return async (ctx: Ctx): Promise<void> => {
    const { runs } = bodyOf(ctx, eventsBody)
    const ids = runs.flatMap((wanted) => ('run' in wanted ? (asRunId(wanted.run) ?? []) : []))
    const visible = new Set(await findVisible(service, ctx, ids))
    const interests = runs.map((wanted) => {
      if (!('run' in wanted)) return { key: keyFor(service, ctx, wanted) }
      const run = asRunId(wanted.run)
      return run && visible.has(run) ? { run, since: parsePlace(wanted.since ?? undefined) } : { absent: wanted.run }
    })
    stream(service, ctx, interests, false)
  }
}

function stream({ hub }: Service, ctx: Ctx, interests: Interest[], endsWithRun: boolean): void {
  const logs = queryOf(ctx, eventsQuery).logs === '1'
  if (ctx.method === 'HEAD') {
    ctx.status = 200
    ctx.type = 'text/event-stream'
    return
  }
  // Koa would buffer, count and end it: from here on the response is the hub's.
  ctx.respond = false
  hub.watch(ctx.res, interests, { logs, endsWithRun })
}

async function findVisible({ db, access }: Service, ctx: Ctx, ids: string[]): Promise<string[]> {
  const { principal } = ctx.state
  const runs = ids.length > 0 ? await findRuns(db, { tenant: principal.tenant, runs: ids }) : []
  const allowed = await Promise.all(runs.map((run) => access.allows(principal, 'run:read', subjectOf(run, principal))))
  return runs.filter((_, index) => allowed[index]).map(({ id }) => id)
}

/** The hub looks a key up within the tenant: only where a rule of the application's own decides is the run read first. */
function keyFor(service: Service, ctx: Ctx, { workflow, key }: { workflow: string; key: string }): Key {
  const admits = async (run: string) => !service.access.asksEach || (await findVisible(service, ctx, [run])).length > 0
  return { tenant: ctx.state.principal.tenant, workflow, key, admits }
}
