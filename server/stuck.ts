import { listStuck } from '../db/runs.ts'
import { subjectOf } from './principal.ts'
import type { Ctx, Service } from './service.ts'

const MOST = 200

/** `GET /stuck`: the runs that do not get on, of those that the caller may see, the longest first. A replica knows of no worker's life. */
export function stuck({ db, access }: Service) {
  return async (ctx: Ctx): Promise<void> => {
    const { principal } = ctx.state
    access.requireList(principal, 'run:read')
    const all = await listStuck(db, { tenant: principal.tenant, limit: MOST })
    const visible = await Promise.all(all.map((run) => access.allows(principal, 'run:read', subjectOf(run, principal))))
    ctx.body = { runs: all.filter((_, index) => visible[index]) }
  }
}
