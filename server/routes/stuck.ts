import type { StuckRun } from '../../db/contract.ts'
import { listStuck } from '../../db/runs.ts'
import { type Principal, subjectOf } from '../access/principal.ts'
import type { Ctx, Service } from '../service.ts'

const MOST = 200
/** If the application's `authorize` hides more than this many, the response comes short. */
const MOST_READ = 20 * MOST

/**
 * `GET /stuck`: the runs that make no progress, among those that the caller may see, the longest stuck first. Not read
 * from a replica, which does not know which workers are alive.
 */
export function stuck(service: Service) {
  return async (ctx: Ctx): Promise<void> => {
    const { principal } = ctx.state
    service.access.requireList(principal, 'run:read')
    ctx.body = { runs: await readVisible(service, principal) }
  }
}

/** Hidden runs take no visible run's place. */
async function readVisible(service: Service, principal: Principal): Promise<StuckRun[]> {
  const { tenant } = principal
  const all = await listStuck(service.db, { tenant, limit: MOST })
  const shown = await visible(service, principal, all)
  if (all.length < MOST || shown.length === MOST) return shown
  return await visible(service, principal, await listStuck(service.db, { tenant, limit: MOST_READ }))
}

/** The first visible runs, checked some at a time. */
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
