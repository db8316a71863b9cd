import type { Db } from './client.ts'
import type { Logger } from './logger.ts'
import { readRoleFiles, runFile } from './sql-files.ts'

export const ROLES = ['stepcast_owner', 'stepcast_worker', 'stepcast_server', 'stepcast_writer', 'stepcast_reader']

interface RoleState {
  /** Those of ROLES that the cluster has, in their order. */
  existing: string[]
  /** Whether this session may create the others. */
  mayCreate: boolean
}

export async function readRoles(db: Db): Promise<RoleState> {
  const { rows } = await db.query<RoleState>(
    `select
       array(select wanted from unnest($1::text[]) with ordinality w (wanted, place) where to_regrole(wanted) is not null order by place) as existing,
       (select rolsuper or rolcreaterole from pg_roles where rolname = current_user) as "mayCreate"`,
    [ROLES],
  )
  return rows[0] as RoleState
}

/** Creates the roles that the cluster lacks. If this session may not, logs what to do and leaves them out. */
export async function createRoles(db: Db, logger: Logger): Promise<void> {
  const { existing, mayCreate } = await readRoles(db)
  const missing = ROLES.filter((role) => !existing.includes(role))
  if (missing.length === 0) return
  if (mayCreate) for (const file of await readRoleFiles()) await runFile(db, file)
  else
    logger.warn(
      { missing },
      `this role may not create roles: only the owner and superusers can use Stepcast until somebody who may runs “${missing.map((role) => `create role ${role};`).join(' ')}” and stepcast migrate is run again`,
    )
}

/** Lets the worker's role use Graphile Worker's tables, if this session may grant that; warns if others own them. */
export async function openGraphile(db: Db, logger: Logger): Promise<void> {
  await warnOfOwners(db, logger)
  const { rows } = await db.query<{ open: boolean }>('select stepcast.open_graphile() as open')
  if (!rows[0]?.open)
    logger.warn(
      {},
      'the tables of Graphile Worker belong to another role: workers must log in as that one until a superuser runs “select stepcast.open_graphile()”',
    )
}

/**
 * Stepcast's functions write jobs as their owner, and so run the triggers and functions that the owners of Graphile's
 * schema put there.
 */
async function warnOfOwners(db: Db, logger: Logger): Promise<void> {
  const { rows } = await db.query<{ owners: string[] }>(
    `select array_agg(distinct pg_get_userbyid(owner)) as owners
     from (
       select g.oid, g.nspowner from pg_namespace g
       union
       select c.relnamespace, c.relowner from pg_class c
     ) owned (namespace, owner)
     join pg_namespace ours on ours.nspname = 'stepcast'
     where namespace = to_regnamespace(stepcast.graphile_schema())
       and not pg_has_role(owner, ours.nspowner, 'member')`,
  )
  const owners = rows[0]?.owners
  if (owners)
    logger.warn(
      { owners },
      'the tables of Graphile Worker belong to another role, which can thereby do whatever the owner of Stepcast can: if you do not trust it so far, let that role migrate Stepcast (docs/security-sql.md)',
    )
}
