import { retryRun } from '../../db/runs.ts'
import { actor } from '../actor.ts'
import { openDatabase } from '../database.ts'
import { openPool } from '../pool.ts'
import { readSettings } from '../settings.ts'

export default async function retry(run: string, { tenant, from }: { tenant: string; from?: string }): Promise<number> {
  const settings = readSettings()
  await using database = await openDatabase(settings)
  await using db = openPool(database.url)
  await retryRun(db.pool, { tenant, actor: actor(), run, from })
  process.stdout.write(`Retrying ${run}\n`)
  return 0
}
