import type { ChildProcess } from 'node:child_process'
import type { Client } from 'pg'
import type { Audience } from '../live/audience.ts'
import { askUsage } from '../live/usage.ts'
import { median, percentile } from '../measurement.ts'

const MB = 1_024 * 1_024

/** The values that must not grow. */
export const UNITS = {
  'worker/heap': 'MB',
  'server/heap': 'MB',
  'worker/memory': 'MB',
  'server/memory': 'MB',
  'worker/handles': 'files',
  'server/handles': 'files',
  dead: 'tuples',
  size: 'MB',
}

type Key = keyof typeof UNITS
export const KEYS = Object.keys(UNITS) as Key[]

/** The values at one moment; `p99` covers the deliveries since the previous sample, in milliseconds. */
export type Sample = Record<Key, number> & { minute: number; p99: number }

export interface Sampled {
  worker: ChildProcess
  server: ChildProcess
  audience: Audience
  client: Client
}

export async function takeSample({ worker, server, audience, client }: Sampled, minute: number): Promise<Sample> {
  const [ofWorker, ofServer, latencies, tables] = await Promise.all([
    askUsage(worker),
    askUsage(server),
    audience.take(),
    client.query<{ dead: number; size: number }>(TABLES),
  ])
  return {
    minute,
    p99: percentile(latencies, 0.99),
    'worker/heap': ofWorker.heap / MB,
    'server/heap': ofServer.heap / MB,
    'worker/memory': ofWorker.rss / MB,
    'server/memory': ofServer.rss / MB,
    'worker/handles': ofWorker.handles,
    'server/handles': ofServer.handles,
    dead: tables.rows[0]?.dead ?? Number.NaN,
    size: (tables.rows[0]?.size ?? Number.NaN) / MB,
  }
}

/** Our tables and Graphile Worker's, with their indexes and TOAST data. */
const TABLES = `
  select sum(n_dead_tup)::float8 as dead, sum(pg_total_relation_size(relid))::float8 as size
  from pg_stat_user_tables`

/** The growth per minute: the median of the slopes of all pairs (Theil and Sen), which a few peaks do not affect. */
export function growth(samples: Sample[], key: Key): number {
  const slopes = samples.flatMap((later, place) =>
    samples.slice(0, place).map((earlier) => (later[key] - earlier[key]) / (later.minute - earlier.minute)),
  )
  return median(slopes)
}

export function level(samples: Sample[], key: keyof Sample): number {
  return median(samples.map((sample) => sample[key]))
}
