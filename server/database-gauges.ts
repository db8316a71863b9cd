import { Gauge, type Registry } from '@prometheus-io/client'
import type { Db } from '../db/client.ts'
import { type Metrics, readMetrics } from '../db/metrics.ts'
import { within } from '../db/within.ts'

/** Scrapes within this time, and the gauges of one scrape, share a read. */
const FRESH_MS = 1_000
/** How long a scrape waits for the database; then it continues without these values. */
const WAIT_MS = 3_000

type Value = [labels: Record<string, string>, value: number]

interface Reading {
  name: string
  help: string
  /** null: it has one value. */
  label: 'status' | 'table' | null
  values: (metrics: Metrics) => Value[]
}

const byStatus = (counts: Record<string, number>): Value[] =>
  Object.entries(counts).map(([status, count]) => [{ status }, count])
const byTable = ({ tables }: Metrics, value: 'rows' | 'deadRows' | 'bytes'): Value[] =>
  tables.map((each) => [{ table: each.table }, each[value]])

const UP: Reading = {
  name: 'stepcast_database_up',
  help: '1: the database answers; 0: it does not.',
  label: null,
  values: () => [[{}, 1]],
}

const READINGS: Reading[] = [
  {
    name: 'stepcast_runs',
    help: 'Unfinished runs, up to 100,000 a status.',
    label: 'status',
    values: ({ runs }) => byStatus(runs),
  },
  {
    name: 'stepcast_steps',
    help: 'Unfinished steps of running runs, of 10,000 of these at most.',
    label: 'status',
    values: ({ steps }) => byStatus(steps),
  },
  {
    name: 'stepcast_workers',
    help: 'Workers that are alive.',
    label: null,
    values: ({ workers }) => [[{}, workers]],
  },
  {
    name: 'stepcast_notify_queue_usage_ratio',
    help: 'How full the queue of notifications of the whole cluster is, from 0 to 1.',
    label: null,
    values: ({ notifyQueue }) => [[{}, notifyQueue]],
  },
  {
    name: 'stepcast_table_rows',
    help: 'Rows of a table, as Postgres estimates them.',
    label: 'table',
    values: (metrics) => byTable(metrics, 'rows'),
  },
  {
    name: 'stepcast_table_dead_rows',
    help: 'Row versions of a table that wait for vacuum.',
    label: 'table',
    values: (metrics) => byTable(metrics, 'deadRows'),
  },
  {
    name: 'stepcast_table_size_bytes',
    help: 'Size of a table on disk, with its indexes.',
    label: 'table',
    values: (metrics) => byTable(metrics, 'bytes'),
  },
]

/**
 * Gauges of the contents of the database, read when they are scraped; without a value if the database does not answer.
 * They replace those of an earlier server.
 */
export function gaugeDatabase(registry: Registry, db: Db): void {
  // null: the read failed, or takes too long.
  const latest = shared(() => within(WAIT_MS, readMetrics(db)).catch(() => null))
  const add = ({ name, help, label, values }: Reading, otherwise: Value[]) => {
    registry.removeSingleMetric(name)
    const collect = async () => {
      const metrics = await latest()
      gauge.reset()
      // The reset has set a gauge without labels to 0.
      if (label === null) gauge.remove()
      for (const [labels, value] of metrics ? values(metrics) : otherwise) gauge.set(labels, value)
    }
    const gauge = new Gauge({ name, help, labelNames: label === null ? [] : [label], registers: [registry], collect })
  }
  add(UP, [[{}, 0]])
  for (const reading of READINGS) add(reading, [])
}

/** One read for all calls within a second. */
function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let latest: Promise<T> | null = null
  let readAt = 0
  return () => {
    const now = performance.now()
    if (latest && now - readAt < FRESH_MS) return latest
    readAt = now
    latest = read()
    return latest
  }
}
