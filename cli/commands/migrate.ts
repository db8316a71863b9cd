import { migrate } from '../../db/migrate.ts'
import { openDatabase } from '../database.ts'
import { plainLogger } from '../log.ts'
import { readSettings } from '../settings.ts'

interface Options {
  dryRun?: boolean
  graphileSchema?: string
}

export default async function (options: Options): Promise<number> {
  const settings = readSettings()
  await using database = await openDatabase(settings)
  // Its lock belongs to a session.
  const { pending } = await migrate(settings.STEPCAST_LISTEN_URL ?? database.url, {
    dryRun: options.dryRun ?? false,
    graphileSchema: options.graphileSchema,
    logger: plainLogger(settings, (line) => process.stderr.write(`${line}\n`)),
  })
  const verb = options.dryRun ? 'Would apply' : 'Applied'
  process.stdout.write(pending.length === 0 ? 'Up to date.\n' : pending.map((name) => `${verb} ${name}\n`).join(''))
  return 0
}
