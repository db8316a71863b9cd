import type { Db } from '../db/client.ts'
import { type FoundRun, findRuns } from '../db/runs.ts'
import { createBatch } from './batch.ts'

/** What must be known before a stream begins, read in batches for all streams that are being opened. */
export interface Lookups {
  /** Which of these runs exist for their tenants. */
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
