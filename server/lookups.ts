import type { Db } from '../db/client.ts'
import { type FoundRun, findRuns } from '../db/runs.ts'
import { createBatch } from './batch.ts'

/** What must be known before a stream begins, asked together by all who open one. */
export interface Lookups {
  /** Which of some runs their tenants have. */
  runs(wanted: TenantRun[]): Promise<FoundRun[]>
}

interface TenantRun {
  tenant: string
  run: string
}

export function createLookups(db: Db): Lookups {
  return {
    runs: createBatch<TenantRun, FoundRun>(
      (wanted) => findRuns(db, wanted),
      (each) => `${each.tenant}\0${'run' in each ? each.run : each.id}`,
    ),
  }
}
