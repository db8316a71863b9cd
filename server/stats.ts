import { readStats } from '../db/stats.ts'
import type { RunSubject } from './principal.ts'
import { queryOf, statsQuery } from './requests.ts'
import type { Ctx, Service } from './service.ts'

/** `GET /stats`: what the stats views say of the workflows whose statistics the caller may read. */
export function stats({ readDb, access }: Service) {
  return async (ctx: Ctx): Promise<void> => {
    const { principal } = ctx.state
    const { tenant } = principal
    const query = queryOf(ctx, statsQuery)
    const of = (workflow: string): RunSubject => ({ id: null, workflow, key: null, tenant, status: null })
    access.requireList(principal, 'stats:read')
    if (query.workflow !== undefined) await access.require(principal, 'stats:read', of(query.workflow))
    const all = await readStats(readDb, { ...query, tenant })
    const allowed = await Promise.all(all.map(({ workflow }) => access.allows(principal, 'stats:read', of(workflow))))
    ctx.body = { workflows: all.filter((_, index) => allowed[index]) }
  }
}
