import { isDiskFull } from '../../db/errors.ts'
import { readConnections, readServer, tryToWrite } from '../../db/health.ts'
import { type Check, fail, ok, warn } from './finding.ts'

const OLDEST = 15
const NEWEST = 18
const MINUTE = 60_000
const SECOND = 1_000
/**
 * Beyond this age of a transaction, old versions of frequently changed rows cannot be removed, and every step becomes
 * slower.
 */
const LONG_MS = MINUTE
/** A standby that lives confirms a commit within milliseconds. */
const LONG_COMMIT_MS = 2 * SECOND
/** SQLSTATE of a login for which no connection is left: of the cluster, its database or its role. */
export const TOO_MANY = '53300'
export const FEWER_CONNECTIONS =
  'Raise max_connections, or the CONNECTION LIMIT of the role or the database; run fewer processes; or put a pooler between (docs/operations.md).'

/** Postgres answers, and is a version that Stepcast is tested with. */
export const checkPostgres: Check = async ({ pool }) => {
  const facts = await readServer(pool).catch((cause: Error) => cause)
  if (facts instanceof Error) {
    const { code } = facts as NodeJS.ErrnoException
    const why = facts.message || code
    if (code === TOO_MANY) return fail(`takes no more connections: ${why}`, FEWER_CONNECTIONS)
    return fail(`does not answer: ${why}`, 'Is DATABASE_URL right, and does it run?')
  }
  const major = Math.floor(facts.version / 10_000)
  const says = `PostgreSQL ${major}, database ${facts.database}, as ${facts.role}`
  if (major < OLDEST) return fail(says, `Stepcast needs PostgreSQL ${OLDEST} or later.`)
  if (facts.isReplica)
    return fail(
      `${says}: a replica, which takes no changes`,
      'DATABASE_URL names the primary, STEPCAST_READ_URL a replica.',
    )
  if (facts.isReadOnly)
    return fail(
      `${says}: read only, it takes no changes`,
      'Turn default_transaction_read_only off, where it is set: for the server, the database or the role. Is the disk full?',
    )
  if (major > NEWEST) return warn(says, `This version of Stepcast is tested with ${OLDEST} to ${NEWEST}.`)
  return ok(says)
}

export const checkConnections: Check = async ({ pool }) => {
  const { inUse, most, of } = await readConnections(pool)
  const says = [`${inUse} of ${most} in use`, of ?? ''].join(' ').trim()
  const used = inUse / most
  if (used > 0.95) return fail(says, FEWER_CONNECTIONS)
  return used > 0.8 ? warn(says, FEWER_CONNECTIONS) : ok(says)
}

export const checkTransactions: Check = async ({ pool }) => {
  const { oldestTransactionMs: ageMs } = await readServer(pool)
  if (ageMs === null || ageMs < LONG_MS) return ok('none is open for long')
  return warn(
    `one is open for ${Math.round(ageMs / SECOND)} s, which slows every step`,
    'See select pid, application_name, xact_start, query from pg_stat_activity order by xact_start; and let it end.',
  )
}

/** Commits are confirmed: a synchronous standby that is away keeps all of them waiting, for as long as it is away. */
export const checkCommits: Check = async ({ pool }) => {
  const { waitingCommits: count, oldestCommitMs: ageMs } = await readServer(pool)
  if (ageMs === null || ageMs < LONG_COMMIT_MS) return ok('none waits for a standby')
  return fail(
    `${count} wait for a synchronous standby, the first for ${Math.round(ageMs / SECOND)} s: nothing can change meanwhile`,
    'Bring the standby back, or take it out of synchronous_standby_names and reload the settings.',
  )
}

/** There is room for more: with a full disk, Postgres answers every question, and refuses what would change something. */
export const checkRoom: Check = async ({ pool }) => {
  const refusal = await tryToWrite(pool).then(
    () => null,
    (cause: Error) => cause,
  )
  if (refusal === null) return ok('on the disk of the database')
  if (!isDiskFull(refusal)) throw refusal
  return fail(`none is left: ${refusal.message}`, 'Make room on the disk of the database: then everything goes on.')
}
