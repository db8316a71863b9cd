import { newestRun, readRun } from '../db/runs.ts'
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
    const interests = await Promise.all(
      runs.map((wanted) =>
        'run' in wanted ? interestIn(service, ctx, wanted.run, wanted.since) : { key: keyFor(service, ctx, wanted) },
      ),
    )
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

async function interestIn(service: Service, ctx: Ctx, id: string, since?: string | null): Promise<Interest> {
  const run = asRunId(id)
  if (run === null || !(await maySee(service, ctx, run))) return { absent: id }
  return { run, since: parsePlace(since ?? undefined) }
}

async function maySee({ db, access }: Service, ctx: Ctx, run: string): Promise<boolean> {
  const { principal } = ctx.state
  const details = await readRun(db, { tenant: principal.tenant, run })
  return details !== null && access.allows(principal, 'run:read', subjectOf(details.run, principal))
}

/** The hub looks a key up within the tenant: only where a rule of the application's own decides is the run read first. */
function keyFor(service: Service, ctx: Ctx, { workflow, key }: { workflow: string; key: string }): Key {
  const admits = async (run: string) => !service.access.asksEach || maySee(service, ctx, run)
  return { tenant: ctx.state.principal.tenant, workflow, key, admits }
}
