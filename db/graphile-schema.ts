import type { Db } from './client.ts'
import { nameOf, type SqlFile } from './sql-files.ts'

/** The schema of Graphile Worker, as the functions of graphile/ know it; null: these do not exist yet. */
export async function readGraphileSchema(db: Db): Promise<string | null> {
  const known = await db.query("select from pg_proc where oid = to_regproc('stepcast.graphile_schema')")
  if (known.rowCount === 0) return null
  const { rows } = await db.query<{ schema: string }>('select stepcast.graphile_schema() as schema')
  return rows[0]?.schema ?? null
}

/**
 * Points the functions of graphile/, whose files say `graphile_worker` in their search path, to another schema. The
 * name was checked: it needs no quotes.
 */
export async function useGraphileSchema(db: Db, files: SqlFile[], schema: string): Promise<void> {
  for (const file of files.filter(({ name }) => name.startsWith('graphile/'))) {
    await db.query(`alter function stepcast.${nameOf(file)} set search_path = pg_catalog, ${schema}, pg_temp`)
  }
}
