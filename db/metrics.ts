import { callPrepared } from './call.ts'
import type { Db } from './client.ts'

/** What there is in the database now, of all tenants; see reads/read_metrics.sql. */
export interface Metrics {
  /** Unfinished runs by status, up to 100,000 each. */
  runs: { pending: number; running: number }
  /** Steps of running runs, sub-steps included; `waiting`: for the next attempt. */
  steps: { pending: number; waiting: number; running: number }
  /** That are alive. */
  workers: number
  /** How full the queue of notifications is, from 0 to 1, which all databases of the cluster share. */
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
