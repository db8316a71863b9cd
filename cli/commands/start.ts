import type { Db } from '../../db/client.ts'
import { listWorkflows, startRun } from '../../db/runs.ts'
import { refuseUnstorable } from '../../server/body.ts'
import { InputCheck } from '../../server/routes/input.ts'
import { actor } from '../actor.ts'
import { openDatabase } from '../database.ts'
import { misuse } from '../failure.ts'
import { plainLogger } from '../log.ts'
import { openPool } from '../pool.ts'
import { readSettings, type Settings } from '../settings.ts'
import { watchRun } from '../watch.ts'

interface Options {
  follow?: boolean
  json?: boolean
  key?: string
  again?: boolean
  tenant: string
}

export default async function start(workflow: string, text: string, options: Options): Promise<number> {
  const settings = readSettings()
  const input = parse(text)
  await using database = await openDatabase(settings)
  await using db = openPool(database.url)
  const { key, again, tenant } = options
  await check(db.pool, workflow, input, settings)
  const started = await startRun(db.pool, { tenant, actor: actor(), workflow, input, key, again })
  if (options.follow) return await watchRun(db.pool, database.url, started.id, settings, options.json ?? false)
  process.stdout.write(`${options.json ? JSON.stringify(started) : started.id}\n`)
  return 0
}

/** As the server does: a run whose input does not fit would be started, and fail at once. */
async function check(db: Db, workflow: string, input: unknown, settings: Settings): Promise<void> {
  // Also what would be stored as something else: a number too large for JavaScript becomes null.
  refuseUnstorable({ input })
  const known = (await listWorkflows(db)).find(({ name }) => name === workflow)
  const logger = plainLogger(settings, (line) => process.stderr.write(`${line}\n`))
  if (known) new InputCheck(logger).check(known, input)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw misuse(`The input is not JSON (${(error as Error).message}): ${text}`)
  }
}
