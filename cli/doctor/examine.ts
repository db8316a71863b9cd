import {
  checkCommits,
  checkConnections,
  checkPostgres,
  checkRoom,
  checkTransactions,
  FEWER_CONNECTIONS,
  TOO_MANY,
} from './database.ts'
import { type Check, type Finding, fail, type Patient, warn } from './finding.ts'
import { checkListen, checkNotifyQueue } from './listen.ts'
import { checkClock, checkReplica } from './others.ts'
import { checkRetention, checkStuck, checkWorkers } from './runs.ts'
import { checkRights, checkRoles, checkSchema } from './schema.ts'

const POSTGRES: [string, Check] = ['postgres', checkPostgres]
const SCHEMA: [string, Check] = ['schema', checkSchema]
const LISTEN: [string, Check] = ['listen', checkListen]

const FURTHER: [string, Check][] = [
  ['roles', checkRoles],
  ['rights', checkRights],
  LISTEN,
  ['notify queue', checkNotifyQueue],
  ['room', checkRoom],
  ['connections', checkConnections],
  ['transactions', checkTransactions],
  ['commits', checkCommits],
  ['clock', checkClock],
  ['replica', checkReplica],
  ['workers', checkWorkers],
  ['stuck runs', checkStuck],
  ['retention', checkRetention],
]

/** One finding per check, as soon as it is known. */
export async function* examine(patient: Patient): AsyncGenerator<Finding> {
  // In order of dependency: if one of these fails, later ones cannot be made. The schema is read, and migrated, over the
  // direct connection: one of its own must first be shown to lead to the same database.
  const needed = patient.settings.STEPCAST_LISTEN_URL === undefined ? [POSTGRES, SCHEMA] : [POSTGRES, LISTEN, SCHEMA]
  for (const [name, check] of needed) {
    const finding = await look(name, check, patient)
    yield finding
    if (finding.state === 'fail') return
  }
  for (const [name, check] of FURTHER.filter((each) => !needed.includes(each))) yield look(name, check, patient)
}

async function look(name: string, check: Check, patient: Patient): Promise<Finding> {
  return { check: name, ...(await check(patient).catch(unknown)) }
}

/** The role may lack the right to find out; that is no fault of what the check is about. */
function unknown(error: unknown): Omit<Finding, 'check'> {
  const { message, code, hint } = error as Error & { code?: string; hint?: string }
  if (code === '42501')
    return warn(`cannot be told: ${message}`, 'Ask as the owner of the schema, or as a member of stepcast_owner.')
  if (code === TOO_MANY) return fail(message, FEWER_CONNECTIONS)
  return fail(message || String(error), hint || 'Look at the log of the database.')
}
