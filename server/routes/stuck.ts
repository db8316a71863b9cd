import type { StuckRun } from '../../db/contract.ts'
import { listStuck } from '../../db/runs.ts'
import { type Principal, subjectOf } from '../access/principal.ts'
import type { Ctx, Service } from '../service.ts'

const MOST = 200
/** Where a rule of the application's hides more than so many, the answer comes short. */
const MOST_READ = 20 * MOST

/**
 * `GET /stuck`: the runs that do not get on, of those that the caller may see, the longest first. A replica
 * knows of no worker's life.
 */
export function stuck(service: Service) {
  return async (ctx: Ctx): Promise<void> => {
    const { principal } = ctx.state
    service.access.requireList(principal, 'run:read')
    ctx.body = { runs: await readVisible(service, principal) }
  }
}

/** As many as may be seen: what may not takes nobody's place. */
async function readVisible(service: Service, principal: Principal): Promise<StuckRun[]> {
  const { tenant } = principal
  const all = await listStuck(service.db, { tenant, limit: MOST })
  const shown = await visible(service, principal, all)
  if (all.length < MOST || shown.length === MOST) return shown
  return await visible(service, principal, await listStuck(service.db, { tenant, limit: MOST_READ }))
}

/** The first of them, asked about some at a time. */
async function visible({ access }: Service, principal: Principal, runs: StuckRun[]): Promise<StuckRun[]> {
  const shown: StuckRun[] = []
  for (let from = 0; from < runs.length && shown.length < MOST; from += MOST) {
    const some = runs.slice(from, from + MOST)
    const may = await Promise.all(
      some.map((run) => access.allowsInList(principal, 'run:read', subjectOf(run, principal))),
    )
    shown.push(...some.filter((_, index) => may[index]))
  }
  return shown.slice(0, MOST)
}
