import { call } from './call.ts'
import type { Db } from './client.ts'
import type { WorkflowStats } from './contract.ts'

export interface ReadStatsOptions {
  tenant: string
  /** Default: every workflow. */
  workflow?: string | undefined
  /** ISO 8601; only runs that ended since then. Default: all there are. */
  since?: string | undefined
}

/** What the stats views say of a tenant's workflows, by name. */
export async function readStats(db: Db, o: ReadStatsOptions): Promise<WorkflowStats[]> {
  const rows = await call<{ stats: WorkflowStats }>(db, 'select stats from stepcast.read_stats($1, $2, $3) stats', [
    o.tenant,
    o.workflow ?? null,
    o.since ?? null,
  ])
  return rows.map(({ stats }) => stats)
}
