import type { Db } from '../../db/client.ts'
import { migrate } from '../../db/migrate.ts'
import { startRun } from '../../db/runs.ts'
import { registerWorkflows } from '../../worker/register.ts'
import { actor } from '../actor.ts'
import { type Config, type Demo, loadConfig } from '../config.ts'
import { ownDatabase } from '../database.ts'
import { Failure, misuse } from '../failure.ts'
import { follow } from '../follow.ts'
import { plainLogger, readable } from '../log.ts'
import { openPool } from '../pool.ts'
import { isOpen, readSettings } from '../settings.ts'
import { INTERRUPTED, stopSignal, whenStopped } from '../stop.ts'
import { superviseWorker } from '../supervise.ts'
import { Screen } from '../terminal/screen.ts'
import { showRun } from '../terminal/show.ts'

interface Options {
  workflows: string
  once?: boolean
}

/**
 * Starts a database with its migrations, one supervised worker, one server and a demo run: everything for a first look.
 */
export default async function dev(options: Options): Promise<number> {
  const settings = readSettings()
  const signal = stopSignal()
  const screen = new Screen(process.stdout, settings.NO_COLOR === undefined)
  const logger = plainLogger(settings, (line) => screen.print(line))

  // Postgres starts while the rest is loaded.
  const [config, started, { serve }] = await Promise.all([load(options), ownDatabase(settings), import('../serve.ts')])
  await using database = started
  if (database.note) screen.print(database.note)
  await migrate(settings.STEPCAST_LISTEN_URL ?? database.url, { logger })
  await using db = openPool(database.url, logger)
  // Also makes a version current that was current before, as after a change that was undone.
  await registerWorkflows(db.pool, config.workflows, { takeCurrent: true })
  await config.setup?.(db.pool)
  await using worker = superviseWorker(options.workflows, database.url, (line) => screen.print(readable(line)))
  await using server = await serve(settings, database.url, logger)
  const who = isOpen(settings) ? '  (no authentication: for this machine alone)' : ''
  screen.print(`Stepcast is at ${server.url}${who}\n`)

  const ending = AbortSignal.any([signal, database.died, ...(options.once ? [worker.hopeless] : [])])
  const run = config.demo && !signal.aborted ? await startDemo(db.pool, config.demo) : null
  const events = run && follow(db.pool, settings.STEPCAST_LISTEN_URL ?? database.url, run, ending)
  const status = events && (await showRun(events, screen))
  if (options.once && !database.died.aborted) return signal.aborted ? INTERRUPTED : status === 'completed' ? 0 : 1
  if (!ending.aborted) screen.print(`\nStepcast is at ${server.url}  (Ctrl-C stops it; its data is kept)`)
  await whenStopped(AbortSignal.any([signal, database.died]))
  if (database.died.aborted)
    throw new Failure('The embedded PostgreSQL ended by itself. Start again: nothing that was committed is lost.')
  screen.print('\nStopping …')
  return 0
}

async function load({ workflows, once }: Options): Promise<Config> {
  const config = await loadConfig(workflows)
  if (once && !config.demo) throw misuse(`--once needs a demo run, and ${workflows} exports no \`demo\`.`)
  return config
}

async function startDemo(db: Db, { workflow, input }: Demo): Promise<string> {
  const who = { tenant: 'default', actor: actor() }
  const { id } = await startRun(db, { ...who, workflow, input: input() })
  return id
}
