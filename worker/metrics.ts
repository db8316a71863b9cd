import type { Registry } from '@prometheus-io/client'
import { Instruments, SECONDS, SIZES } from '../db/instruments.ts'
import type { Meter } from './meter.ts'

/** Counts into the application's registry; docs/observability.md has the table. */
export function meterIn(registry: Registry): Meter {
  const made = new Instruments(registry)
  const flushSeconds = made.histogram(
    'stepcast_flush_duration_seconds',
    'Time of a flush of reports and lines.',
    SECONDS,
  )
  const flushReports = made.histogram('stepcast_flush_reports', 'Reports of a flush, one a step.', [0, ...SIZES])
  const flushLines = made.histogram('stepcast_flush_lines', 'Log lines of a flush.', [0, ...SIZES])
  const flushFailures = made.counter(
    'stepcast_flush_failures_total',
    'Flushes that failed and were merged into the next.',
  )
  const fenced = made.counter('stepcast_fenced_writes_total', 'Writes that were refused because their lease is stale.')
  const takeovers = made.counter('stepcast_lease_takeovers_total', 'Runs that were taken over from dead workers here.')
  const long = made.counter('stepcast_long_transactions_total', 'Transactions of handlers that were open for 30 s.')
  const driven = made.gauge('stepcast_driven_runs', 'Runs that are driven here now.')
  const jobs = made.counter('stepcast_jobs_total', 'Jobs of Graphile Worker.', ['workflow', 'outcome'])
  const attempts = made.counter('stepcast_attempts_total', 'Attempts of steps.', ['workflow', 'step', 'outcome'])
  const runs = made.counter('stepcast_runs_finished_total', 'Runs that ended here.', ['workflow', 'status'])
  return {
    flushed(reports, lines, ms) {
      flushSeconds.observe(ms / 1_000)
      flushReports.observe(reports)
      flushLines.observe(lines)
    },
    flushFailed: () => flushFailures.inc(),
    fenced: () => fenced.inc(),
    tookOver: (count) => takeovers.inc(count),
    openedLong: () => long.inc(),
    drives: (change) => driven.inc(change),
    didJob: (workflow, outcome) => jobs.inc({ workflow, outcome }),
    attempted: (workflow, step, outcome) => attempts.inc({ workflow, step, outcome }),
    ended: (workflow, status) => runs.inc({ workflow, status }),
  }
}
