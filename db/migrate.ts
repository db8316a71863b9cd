import { runMigrations } from 'graphile-worker'
import type pg from 'pg'
import { BoundedClient } from './connect.ts'
import { readGraphileSchema, useGraphileSchema } from './graphile-schema.ts'
import { type Logger, silent } from './logger.ts'
import { ownSession, requireSession } from './pooled.ts'
import { lockTables, reapply } from './reapply.ts'
import { createRoles, openGraphile, ROLES, readRoles } from './roles.ts'
import { hashOf, readMigrations, readReapplied, runFile, type SqlFile } from './sql-files.ts'

/** Somebody else's long transaction may hold a table: give up waiting, let others through, try again. */
const LOCK_TIMEOUT = '3s'
const ATTEMPTS = 5

export interface MigrateOptions {
  /** Report what would be applied, and change nothing. Default false. */
  dryRun?: boolean
  /** The schema of an existing Graphile Worker. Default: the one that was named before, else `graphile_worker`. */
  graphileSchema?: string | undefined
  logger?: Logger
}

/**
 * Migrates a database to this version of Stepcast: Graphile Worker's tables, then ours, then every function, trigger,
 * view and grant, in one transaction of ours. Any number of processes may do it at once; they queue. A dry run does not
 * queue: it rejects while a migration is under way.
 * @returns the names of what was applied (with `dryRun`: would be); empty if there was nothing to do.
 */
export async function migrate(databaseUrl: string, options: MigrateOptions = {}): Promise<{ pending: string[] }> {
  const { dryRun = false, logger = silent } = options
  const client = new BoundedClient({ connectionString: databaseUrl, application_name: 'stepcast migrate' })
  client.on('error', (error) => logger.error({ err: error }, 'the connection of the migration broke'))
  await client.connect()
  try {
    await ownSession(client)
    await requireUtf8(client)
    if (dryRun) await refuseWhileUnderWay(client)
    else {
      // Behind a pooler, the lock would stay with a backend, and be everyone's or nobody's.
      await requireSession(client, () => new BoundedClient({ connectionString: databaseUrl }), 'a migration')
      await takeTurn(client, logger)
    }
    const schema = checkSchema(options.graphileSchema ?? (await readGraphileSchema(client)) ?? GRAPHILE_WORKER)
    const files = { migrations: await readMigrations(), reapplied: await readReapplied(), schema }
    const pending = await findPending(client, files)
    if (dryRun || pending.length === 0) return { pending }
    await createRoles(client, logger)
    if (pending.includes(schema)) await runMigrations({ connectionString: databaseUrl, schema })
    await withRetries(logger, () => apply(client, files, pending, logger))
    logger.info({ pending }, 'migrated')
    return { pending }
  } finally {
    if (dryRun) await client.query('rollback').catch(() => {})
    await client.end()
  }
}

const GRAPHILE_WORKER = 'graphile_worker'
const REAPPLIED_NAME = 'functions, triggers, views and rights'

interface Files {
  migrations: SqlFile[]
  reapplied: SqlFile[]
  /** Graphile Worker's schema. */
  schema: string
}

const TURN = "hashtextextended('stepcast.migrate', 0)"

/** Held until the session ends. */
async function takeTurn(client: pg.Client, logger: Logger): Promise<void> {
  if (await tryLock(client, `pg_try_advisory_lock(${TURN})`)) return
  logger.warn({}, 'another migration of this database is under way; waiting for its end')
  await client.query(`select pg_advisory_lock(${TURN})`)
}

/** A dry run would have to wait for the tables, and its report would be true of neither version. */
async function refuseWhileUnderWay(client: pg.Client): Promise<void> {
  // In a transaction, which ends with the session: behind a pooler, the lock of a session would outlive it.
  await client.query('begin isolation level read committed')
  if (await tryLock(client, `pg_try_advisory_xact_lock_shared(${TURN})`)) return
  throw Object.assign(new Error('a migration of this database is under way'), { hint: 'Ask again when it has ended.' })
}

async function tryLock(client: pg.Client, lock: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(`select ${lock} as locked`)
  return rows[0]?.locked === true
}

/** Functions and names contain characters that other encodings lack. */
async function requireUtf8(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ server_encoding: string }>('show server_encoding')
  const encoding = rows[0]?.server_encoding
  if (encoding === 'UTF8') return
  throw Object.assign(new Error(`the database's encoding is ${encoding}, and Stepcast needs UTF8`), {
    hint: "Make another: create database … encoding 'UTF8' template template0",
  })
}

function checkSchema(name: string): string {
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(name)) return name
  throw new TypeError(
    `“${name}” cannot be the schema of Graphile Worker: use 1 to 63 small letters, digits and _, beginning with no digit`,
  )
}

async function findPending(client: pg.Client, { migrations, reapplied, schema }: Files): Promise<string[]> {
  const hashes = await readApplied(client)
  refuseNewer([...hashes.keys()], migrations)
  refuseChanged(hashes, migrations)
  // Only the schema may be there: made in advance by somebody, or left by a first migration that was interrupted.
  const graphile = await client.query(
    `select
     from pg_class c
     join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = '_private_jobs'`,
    [schema],
  )
  const { existing, mayCreate } = await readRoles(client)
  const same =
    hashes.get(REAPPLIED_NAME) === hashWith(reapplied, existing) &&
    (existing.length === ROLES.length || !mayCreate) &&
    (await mayUse(client, existing)) &&
    (await readGraphileSchema(client)) === schema
  return [
    ...(graphile.rowCount === 0 ? [schema] : []),
    ...migrations.filter(({ name }) => !hashes.has(name)).map(({ name }) => name),
    ...(same ? [] : [REAPPLIED_NAME]),
  ]
}

/** How a later version has changed the tables is unknown here: its functions must not be replaced by older ones. */
function refuseNewer(applied: string[], migrations: SqlFile[]): void {
  const known = new Set(migrations.map(({ name }) => name))
  const unknown = applied.filter((name) => name.startsWith('migrations/') && !known.has(name))
  if (unknown.length === 0) return
  const message = `this database belongs to a newer Stepcast: it has ${unknown.join(', ')}, which this one does not know`
  throw Object.assign(new Error(message), { hint: 'Migrate with the newer one. Nothing was changed.' })
}

/** A migration is never applied twice: this database would never get what a changed file says now. */
function refuseChanged(applied: Map<string, string>, migrations: SqlFile[]): void {
  const changed = migrations.filter((file) => applied.has(file.name) && applied.get(file.name) !== hashOf([file]))
  if (changed.length === 0) return
  const updates = changed.map(
    (file) => `update stepcast.migrations set hash = '${hashOf([file])}' where name = '${file.name}';`,
  )
  const message = `changed since it was applied to this database: ${changed.map(({ name }) => name).join(', ')}`
  throw Object.assign(new Error(message), {
    hint: `Bring the file back as it was: what is to be different belongs in a new migration. Where the tables are as it says now, because its comments alone were changed, run: ${updates.join(' ')}`,
  })
}

/** Whether the roles have their rights: a dump restored without them still records that everything was applied. */
async function mayUse(client: pg.Client, roles: string[]): Promise<boolean> {
  const { rows } = await client.query<{ all: boolean | null }>(
    `select bool_and(has_schema_privilege(role, n.oid, 'usage')) as all
     from pg_namespace n
     cross join unnest($1::text[]) role
     where n.nspname = 'stepcast'`,
    [roles],
  )
  return rows[0]?.all !== false
}

/** Includes the roles: one may be created later, and grants only reach roles that exist. */
function hashWith(reapplied: SqlFile[], roles: string[]): string {
  return [hashOf(reapplied), ...roles].join(' ')
}

async function readApplied(client: pg.Client): Promise<Map<string, string>> {
  const table = await client.query("select where to_regclass('stepcast.migrations') is not null")
  if (table.rowCount === 0) return new Map()
  const { rows } = await client.query<{ name: string; hash: string }>('select name, hash from stepcast.migrations')
  // Its first row is committed with it.
  if (rows.length === 0) throw withoutData()
  return new Map(rows.map(({ name, hash }) => [name, hash]))
}

function withoutData(): Error {
  const message =
    'this database has the tables of Stepcast without the rows that came with them, as from a dump of its schema alone'
  return Object.assign(new Error(message), {
    hint: "Restore the data too; or begin anew: drop the schemas stepcast and Graphile Worker's, and migrate. Nothing was changed.",
  })
}

async function apply(client: pg.Client, files: Files, pending: string[], logger: Logger): Promise<void> {
  await client.query('begin')
  try {
    // Functions may use each other regardless of their order.
    await client.query(`set local check_function_bodies = off; set local lock_timeout = '${LOCK_TIMEOUT}'`)
    const migrations = files.migrations.filter(({ name }) => pending.includes(name))
    if (migrations.length > 0) await lockTables(client)
    for (const file of migrations) {
      await runFile(client, file)
      await record(client, file.name, hashOf([file]))
    }
    await reapply(client, files.reapplied)
    await useGraphileSchema(client, files.reapplied, files.schema)
    await openGraphile(client, logger)
    await record(client, REAPPLIED_NAME, hashWith(files.reapplied, (await readRoles(client)).existing))
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

async function record(client: pg.Client, name: string, hash: string): Promise<void> {
  await client.query(
    `insert into stepcast.migrations (name, hash) values ($1, $2)
     on conflict (name) do update set hash = excluded.hash, applied_at = clock_timestamp()`,
    [name, hash],
  )
}

async function withRetries(logger: Logger, attempt: () => Promise<void>): Promise<void> {
  for (let left = ATTEMPTS - 1; ; left--) {
    try {
      return await attempt()
    } catch (error) {
      if (!isHeld(error)) throw error
      if (left === 0) throw heldForLong(error)
      logger.warn(
        { left },
        `another transaction holds a table, for over ${LOCK_TIMEOUT} or in a deadlock; trying again`,
      )
    }
  }
}

function heldForLong(cause: unknown): Error {
  const message = `another transaction holds a table that the migration needs: it was tried ${ATTEMPTS} times, for ${LOCK_TIMEOUT} each`
  return Object.assign(new Error(message, { cause }), {
    hint: 'See select pid, application_name, xact_start, query from pg_stat_activity order by xact_start; let it end, and migrate again. Nothing was changed.',
  })
}

function isHeld(error: unknown): boolean {
  const { code, cause } = error as { code?: string; cause?: { code?: string } }
  return ['55P03', '40P01'].includes(cause?.code ?? code ?? '')
}
