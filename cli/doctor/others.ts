import { readReplica, readServer } from '../../db/health.ts'
import { openPool } from '../pool.ts'
import { type Check, fail, ok, warn } from './finding.ts'

const SECOND = 1_000
/** Deadlines and the expiry of tokens are compared with the local clock of whatever checks them. */
const SKEW_MS = 2 * SECOND
const LAG_MS = 10 * SECOND

/** This machine's clock against the database's; half of the round trip is taken into account. */
export const checkClock: Check = async ({ pool }) => {
  const before = Date.now()
  const { now } = await readServer(pool)
  const skewMs = (before + Date.now()) / 2 - now
  if (Math.abs(skewMs) < SKEW_MS) return ok("as the database's, within 2 s")
  const says = `${Math.abs(skewMs / SECOND).toFixed(1)} s ${skewMs > 0 ? 'ahead of' : 'behind'} the database's`
  return warn(says, 'Synchronize both by NTP: tokens expire by the one, runs begin by the other.')
}

export const checkReplica: Check = async ({ pool, settings }) => {
  if (settings.STEPCAST_READ_URL === undefined) return ok('none is configured')
  await using db = openPool(settings.STEPCAST_READ_URL)
  const facts = await readReplica(db.pool).catch((cause: Error) => cause)
  if (facts instanceof Error)
    return fail(
      `does not answer: ${facts.message}`,
      'Lists and statistics are read there: mend STEPCAST_READ_URL, or remove it.',
    )
  const { isReplica, lagMs, identity } = facts
  if (!isReplica && identity !== (await readServer(pool)).identity)
    return fail(
      'STEPCAST_READ_URL is no replica, but another database',
      'Lists and statistics are read there, and show nothing new. Was it promoted? Name a replica, or remove STEPCAST_READ_URL.',
    )
  if (!isReplica) return warn('STEPCAST_READ_URL is no replica', 'It does no harm, and takes no load off the primary.')
  if (lagMs === null) return warn('has applied nothing yet', 'Look at its log.')
  const says = `${(lagMs / SECOND).toFixed(1)} s behind`
  return lagMs > LAG_MS ? warn(says, 'Lists and statistics are that old; look at what it waits for.') : ok(says)
}
