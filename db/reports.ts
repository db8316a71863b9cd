import { callPrepared } from './call.ts'
import type { Db } from './client.ts'
import type { LogLevel } from './contract.ts'
import { type Leased, leaseKey } from './engine.ts'

export interface Report extends Leased {
  step: number
  /** 0 to 100; null leaves it unchanged. */
  progress: number | null
  message: string | null
  /** The message per language, as JSON. */
  messages: string | null
  /** Merged into the step's metadata; a JSON object as a string. */
  metadata: string | null
}

export interface LogEntry extends Leased {
  step: number | null
  at: Date
  level: LogLevel
  message: string
}

/** `locked`: somebody holds the run's row, try again; `fenced`: the lease is stale, stop. */
export type Unwritten = Leased & { outcome: 'locked' | 'fenced' }

/** Writes reports and log lines in one asynchronous commit; returns the leases under which nothing was written. */
export async function flushReports(
  db: Db,
  reports: readonly Report[],
  logs: readonly LogEntry[],
): Promise<Unwritten[]> {
  const held = new Map([...reports, ...logs].map((entry) => [leaseKey(entry), entry as Leased]))
  const positions = new Map([...held.keys()].map((key, index) => [key, index + 1]))
  const leases = [...held.values()]
  const rows = await callPrepared<{ place: number; outcome: Unwritten['outcome'] }>(
    db,
    'flush_reports',
    `select place, outcome from stepcast.flush_reports(
       $1::uuid[], $2::bigint[], $3::integer[], $4::bigint[], $5::integer[], $6::text[], $7::jsonb[], $8::jsonb[],
       $9::integer[], $10::bigint[], $11::timestamptz[], $12::text[], $13::text[], $14)`,
    [
      leases.map(({ run }) => run),
      leases.map(({ lease }) => lease),
      reports.map((report) => positions.get(leaseKey(report))),
      reports.map(({ step }) => step),
      reports.map(({ progress }) => progress),
      reports.map(({ message }) => message),
      reports.map(({ messages }) => messages),
      reports.map(({ metadata }) => metadata),
      logs.map((line) => positions.get(leaseKey(line))),
      logs.map(({ step }) => step),
      logs.map(({ at }) => at),
      logs.map(({ level }) => level),
      logs.map(({ message }) => message),
      new Date(),
    ],
  )
  return rows.flatMap(({ place, outcome }) => {
    const lease = leases[place - 1]
    return lease ? [{ run: lease.run, lease: lease.lease, outcome }] : []
  })
}
