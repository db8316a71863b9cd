import type { Db } from './client.ts'
import { nameOf, runFile, type SqlFile } from './sql-files.ts'

/** `create or replace` cannot change what a function returns, or remove a column from a view. */
const CANNOT_REPLACE = new Set(['42P13', '42P16'])

/**
 * Brings functions, triggers and views to the state of the files, in the caller's transaction. First drops what an
 * older version made differently: another result, other arguments, a function that no longer exists. Nothing is dropped
 * with `cascade`: if somebody's own view or function depends on it, the error says so and nothing is changed.
 */
export async function reapply(db: Db, files: SqlFile[]): Promise<void> {
  const first = files.find(touchesTables)
  for (const file of files) {
    if (file === first) await lockTables(db)
    const before = await readFunctions(db, nameOf(file))
    await replace(db, file)
    const after = await readFunctions(db, nameOf(file))
    if (after.length > before.length && before.length > 0) await dropFunctions(db, before)
  }
  const names = new Set(files.map(nameOf))
  await dropFunctions(
    db,
    (await readFunctions(db)).filter(({ name }) => !names.has(name)),
  )
}

/** Functions lock no table; triggers, views and policies do, for a moment or two that end with the transaction. */
function touchesTables({ name }: SqlFile): boolean {
  return /^(triggers|views|rights)\//.test(name)
}

/** Tables in the order in which other sessions read and write them. */
const WRITTEN = ['epoch', 'chores', 'workers', 'workflows', 'role_tenants', 'runs', 'steps']

/** Locks all existing tables at once: one by one, that would deadlock with a busy worker. */
export async function lockTables(db: Db): Promise<void> {
  const { rows } = await db.query<{ names: string | null }>(
    `select string_agg(c.oid::regclass::text, ', ' order by array_position($1, c.relname::text), c.relname) as names
     from pg_class c
     where c.relnamespace = to_regnamespace('stepcast')
       and c.relkind in ('r', 'p')`,
    [WRITTEN],
  )
  if (rows[0]?.names) await db.query(`lock table ${rows[0].names} in access exclusive mode`)
}

async function replace(db: Db, file: SqlFile): Promise<void> {
  await db.query('savepoint before_file')
  try {
    await runFile(db, file)
  } catch (error) {
    if (!CANNOT_REPLACE.has(((error as Error).cause as { code?: string }).code ?? '')) throw error
    await db.query('rollback to savepoint before_file')
    await drop(db, file)
    await runFile(db, file)
  }
  await db.query('release savepoint before_file')
}

async function drop(db: Db, file: SqlFile): Promise<void> {
  if (file.name.startsWith('views/')) await db.query(`drop view stepcast.${nameOf(file)}`)
  else await dropFunctions(db, await readFunctions(db, nameOf(file)))
}

interface FunctionRow {
  name: string
  /** Name and arguments, as `drop function` takes them. */
  signature: string
}

async function readFunctions(db: Db, name: string | null = null): Promise<FunctionRow[]> {
  const { rows } = await db.query<FunctionRow>(
    `select p.proname as name, p.oid::regprocedure::text as signature
     from pg_proc p
     where p.pronamespace = 'stepcast'::regnamespace
       and p.proname = coalesce($1, p.proname)`,
    [name],
  )
  return rows
}

/** A view of ours that uses such a function is dropped with it, and is made again with the views, after all else. */
async function dropFunctions(db: Db, functions: FunctionRow[]): Promise<void> {
  for (const { signature } of functions) {
    const { rows } = await db.query<{ view: string }>(
      `select distinct r.ev_class::regclass::text as view
       from pg_depend d
       join pg_rewrite r on r.oid = d.objid
       join pg_class c on c.oid = r.ev_class
       where d.classid = 'pg_rewrite'::regclass
         and d.refclassid = 'pg_proc'::regclass
         and d.refobjid = $1::regprocedure
         and c.relnamespace = 'stepcast'::regnamespace`,
      [signature],
    )
    for (const { view } of rows) await db.query(`drop view ${view}`)
    await db.query(`drop function ${signature}`)
  }
}
