import { newestRuns, type RunKey } from '../db/changes.ts'
import type { Db } from '../db/client.ts'
import { type FoundRun, findRuns } from '../db/runs.ts'
import { createBatch } from './batch.ts'

/** What must be known before a stream begins, asked together by all who open one. */
export interface Lookups {
  /** Which of some runs their tenants have. */
  runs(wanted: TenantRun[]): Promise<FoundRun[]>
  /** The newest run under each key. */
  newest(keys: RunKey[]): Promise<(RunKey & { run: string })[]>
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
    newest: createBatch<RunKey, RunKey & { run: string }>(
      (keys) => newestRuns(db, keys),
      ({ tenant, workflow, key }) => `${tenant}\0${workflow}\0${key}`,
    ),
  }
}
