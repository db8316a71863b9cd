import { readStuck, readWorkforce } from '../../db/health.ts'
import { readMetrics } from '../../db/metrics.ts'
import { countPurgeable } from '../../db/purge.ts'
import { type Check, fail, ok, warn } from './finding.ts'

/** This many finished runs are no burden to the live path, but to backups and to people who search. */
const MANY_RUNS = 1_000_000

export const checkWorkers: Check = async ({ pool }) => {
  const { alive, unserved } = await readWorkforce(pool)
  const start = 'Start one: stepcast worker --workflows FILE'
  if (alive === 0) return warn('none is alive: what is started waits', start)
  const says = `${alive} alive`
  if (unserved.length === 0) return ok(says)
  return warn(`${says}; none takes ${unserved.join(', ')}`, start)
}

export const checkStuck: Check = async ({ pool }) => {
  const reasons = await readStuck(pool)
  if (reasons.length === 0) return ok('none')
  const says = reasons.map(({ why, runs, example }) => `${runs}: ${why} (as ${example})`).join('; ')
  return fail(says, 'See select * from stepcast.stuck_runs; then start what is missing, or retry or cancel them.')
}

/** Runs beyond the retention are gone; or no retention is set, and there are not many runs. */
export const checkRetention: Check = async ({ pool, settings }) => {
  const olderThan = settings.STEPCAST_RETENTION
  if (olderThan !== undefined) {
    const due = await countPurgeable(pool, { olderThan })
    if (due === 0) return ok(`nothing is older than ${olderThan}`)
    return warn(
      `${due.toLocaleString('en')} runs are older than ${olderThan}`,
      'A worker deletes them at night; now: stepcast purge',
    )
  }
  const { tables } = await readMetrics(pool)
  const rows = tables.find(({ table }) => table === 'runs')?.rows ?? 0
  const says = 'finished runs are kept'
  if (rows < MANY_RUNS) return ok(says)
  return warn(`${says}: about ${rows.toLocaleString('en')}`, 'Set STEPCAST_RETENTION, such as 90 days.')
}
