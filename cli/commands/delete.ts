import { deleteRun } from '../../db/runs.ts'
import { actor } from '../actor.ts'
import { openDatabase } from '../database.ts'
import { openPool } from '../pool.ts'
import { readSettings } from '../settings.ts'

export default async function (run: string, { tenant, reason }: { tenant: string; reason?: string }): Promise<number> {
  const settings = readSettings()
  await using database = await openDatabase(settings)
  await using db = openPool(database.url)
  await deleteRun(db.pool, { tenant, actor: actor(), run, reason })
  process.stdout.write(`Deleted ${run}\n`)
  return 0
}
