import type { Registry } from '@prometheus-io/client'
import { Instruments, SECONDS, SIZES } from '../db/instruments.ts'

/** What a read of the hub is for: runs that changed, or snapshots for new watchers. */
type ReadKind = 'changes' | 'snapshots'

/** What a server counts. */
export interface Meter {
  /** The number of open streams has changed by this. */
  watches(change: number): void
  /** Times a read, and counts its runs. */
  reads<T>(kind: ReadKind, runs: number, read: () => Promise<T>): Promise<T>
  /** The safety poll found this many runs newer than any notification had said. */
  foundStale(runs: number): void
  /** Whether the server hears its own notifications. */
  hears(itself: boolean): void
}

/** Counts into a registry; docs/observability.md has the table. */
export function meterIn(registry: Registry): Meter {
  const made = new Instruments(registry)
  const watchers = made.gauge('stepcast_watchers', 'Streams that are open.')
  const seconds = made.histogram('stepcast_hub_read_duration_seconds', 'Time of a read of the hub.', SECONDS, ['kind'])
  const runs = made.histogram('stepcast_hub_read_runs', 'Runs of a read of the hub.', SIZES, ['kind'])
  const failures = made.counter('stepcast_hub_read_failures_total', 'Reads that failed and are done again.', ['kind'])
  const stale = made.counter('stepcast_stale_runs_total', 'Runs that the poll found newer than anybody had said.')
  const listening = made.gauge('stepcast_listening', '1: the server hears its own notifications; 0: it does not.')
  for (const kind of ['changes', 'snapshots'] satisfies ReadKind[]) {
    failures.inc({ kind }, 0)
    seconds.zero({ kind })
    runs.zero({ kind })
  }
  return {
    watches: (change) => watchers.inc(change),
    async reads(kind, count, read) {
      const began = performance.now()
      try {
        return await read()
      } catch (error) {
        failures.inc({ kind })
        throw error
      } finally {
        seconds.observe({ kind }, (performance.now() - began) / 1_000)
        runs.observe({ kind }, count)
      }
    },
    foundStale: (count) => stale.inc(count),
    hears: (itself) => listening.set(itself ? 1 : 0),
  }
}
