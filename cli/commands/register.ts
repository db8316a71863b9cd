import { registerWorkflows } from '../../worker/register.ts'
import { loadConfig } from '../config.ts'
import { openDatabase } from '../database.ts'
import { openPool } from '../pool.ts'
import { readSettings } from '../settings.ts'

export default async function register(options: { workflows: string; current?: true }): Promise<number> {
  const settings = readSettings()
  const { workflows } = await loadConfig(options.workflows)
  await using database = await openDatabase(settings)
  await using db = openPool(database.url)
  await registerWorkflows(db.pool, workflows, { takeCurrent: options.current ?? false })
  for (const { definition } of workflows) process.stdout.write(`Registered ${definition.name}\n`)
  return 0
}
