import { migrate } from '../../db/migrate.ts'
import { openDatabase } from '../database.ts'
import { readSettings } from '../settings.ts'

export default async function (options: { dryRun?: boolean }): Promise<number> {
  const settings = readSettings()
  await using database = await openDatabase(settings)
  const { pending } = await migrate(database.url, { dryRun: options.dryRun ?? false })
  const verb = options.dryRun ? 'Would apply' : 'Applied'
  process.stdout.write(pending.length === 0 ? 'Up to date.\n' : pending.map((name) => `${verb} ${name}\n`).join(''))
  return 0
}
