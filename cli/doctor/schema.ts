import { readPowers } from '../../db/health.ts'
import { migrate } from '../../db/migrate.ts'
import { ROLES, readRoles } from '../../db/roles.ts'
import { type Check, fail, ok, warn } from './finding.ts'

/** All migrations of this version have been applied. */
export const checkSchema: Check = async ({ directUrl }) => {
  const { pending } = await migrate(directUrl, { dryRun: true })
  if (pending.length === 0) return ok('up to date')
  return fail(`lacks ${pending.join(', ')}`, 'Run: stepcast migrate')
}

export const checkRoles: Check = async ({ pool }) => {
  const { existing } = await readRoles(pool)
  const missing = ROLES.filter((role) => !existing.includes(role))
  if (missing.length === 0) return ok(`all ${ROLES.length} exist`)
  return warn(
    `${missing.join(', ')} missing: only the owner and superusers can use Stepcast`,
    'Run stepcast migrate as a role that may create roles.',
  )
}

/** Whether this role has the rights that a worker and a server need. */
export const checkRights: Check = async ({ pool }) => {
  const { work, serve } = await readPowers(pool)
  if (work && serve) return ok('this role may work and serve')
  if (work) return ok('this role may work; a server needs another, of stepcast_server')
  if (serve) return ok('this role may serve; a worker needs another, of stepcast_worker')
  return fail(
    'this role may neither work nor serve',
    'Make it a member of stepcast_worker or stepcast_server (docs/security-sql.md).',
  )
}
