import { callPrepared } from './call.ts'
import type { Db } from './client.ts'

/** The present contents of the database, for all tenants; see reads/read_metrics.sql. */
export interface Metrics {
  /** Unfinished runs by status, up to 100,000 each. */
  runs: { pending: number; running: number }
  /** Steps of running runs, including sub-steps; `waiting`: for the next attempt. */
  steps: { pending: number; waiting: number; running: number }
  /** Workers that are alive. */
  workers: number
  /** How full the queue of notifications is, from 0 to 1; all databases of the cluster share it. */
  notifyQueue: number
  tables: { table: string; rows: number; deadRows: number; bytes: number }[]
}

export async function readMetrics(db: Db): Promise<Metrics> {
  const rows = await callPrepared<{ metrics: Metrics }>(
    db,
    'read_metrics',
    'select stepcast.read_metrics() as metrics',
    [],
  )
  return (rows[0] as { metrics: Metrics }).metrics
}
