import { openDatabase } from '../database.ts'
import { openPool } from '../pool.ts'
import { readSettings } from '../settings.ts'
import { watchRun } from '../watch.ts'

export default async function watch(run: string, options: { json?: boolean }): Promise<number> {
  const settings = readSettings()
  await using database = await openDatabase(settings)
  await using db = openPool(database.url)
  return await watchRun(db.pool, database.url, run, settings, options.json ?? false)
}
