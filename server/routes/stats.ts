import { listWorkflowsWithRuns, readBoundedStats, readDurations, readRunningStats } from '../../db/stats.ts'
import type { Principal } from '../access/principal.ts'
import { invalid } from '../problem.ts'
import type { Ctx, Service } from '../service.ts'
import { durationsQuery, queryOf, runningQuery, statsQuery } from './requests.ts'

/** SQLSTATE of a time zone that Node knows and Postgres does not: each has its own edition of IANA's list. */
const UNKNOWN_ZONE = '22023'

/** `GET /stats`: the statistics of the workflows that the caller may read statistics of. */
export function stats(service: Service) {
  return async (ctx: Ctx): Promise<void> => {
    const { principal } = ctx.state
    const { workflow, ...query } = queryOf(ctx, statsQuery)
    const workflows = await readable(service, principal, workflow)
    const { tenant } = principal
    ctx.body = await readBoundedStats(service.readDb, { ...query, tenant, workflows }).catch(blameZone)
  }
}

function blameZone(error: unknown): never {
  if (Object(error).code !== UNKNOWN_ZONE) throw error
  throw invalid([{ path: 'zone', message: 'is a time zone that the database does not know' }])
}

/** `GET /stats/running`: which step the running runs are in. */
export function running(service: Service) {
  return async (ctx: Ctx): Promise<void> => {
    const { principal } = ctx.state
    const { workflow } = queryOf(ctx, runningQuery)
    const workflows = await readable(service, principal, workflow)
    ctx.body = await readRunningStats(service.readDb, principal.tenant, workflows)
  }
}

/** `GET /stats/durations`: the histogram of one workflow, or of one step. */
export function durations(service: Service) {
  return async (ctx: Ctx): Promise<void> => {
    const { principal } = ctx.state
    const query = queryOf(ctx, durationsQuery)
    await readable(service, principal, query.workflow)
    ctx.body = await readDurations(service.readDb, { ...query, tenant: principal.tenant })
  }
}

/** The requested workflow, 403 if the caller may not read its statistics; by default every one that the caller may. */
async function readable({ readDb, access }: Service, principal: Principal, workflow?: string): Promise<string[]> {
  const { tenant } = principal
  const of = (name: string) => ({ id: null, workflow: name, key: null, tenant, status: null })
  access.requireList(principal, 'stats:read')
  if (workflow !== undefined) {
    await access.require(principal, 'stats:read', of(workflow))
    return [workflow]
  }
  const all = await listWorkflowsWithRuns(readDb, tenant)
  const allowed = await Promise.all(all.map((name) => access.allows(principal, 'stats:read', of(name))))
  return all.filter((_, index) => allowed[index])
}
