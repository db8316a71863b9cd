import { startWorker } from '../../worker/start.ts'
import { loadConfig } from '../config.ts'
import { openDatabase } from '../database.ts'
import { misuse } from '../failure.ts'
import { jsonLogger } from '../log.ts'
import { report } from '../report.ts'
import { readSettings } from '../settings.ts'
import { stopSignal, whenStopped } from '../stop.ts'
import { superviseWorker } from '../supervise.ts'

interface Options {
  workflows: string
  processes?: string
}

export default async function worker(options: Options): Promise<number> {
  return options.processes === undefined ? work(options) : supervise(options.workflows, Number(options.processes))
}

/** Keeps so many processes running: each is started again when it ends. */
async function supervise(workflows: string, count: number): Promise<number> {
  if (!(Number.isInteger(count) && count > 0)) throw misuse('--processes is a whole number above 0.')
  const settings = readSettings()
  const signal = stopSignal()
  await loadConfig(workflows)
  await using database = await openDatabase(settings)
  await using supervisors = new AsyncDisposableStack()
  const print = (line: string) => process.stderr.write(`${line}\n`)
  for (let i = 0; i < count; i++) supervisors.use(superviseWorker(workflows, database.url, print))
  await whenStopped(signal)
  return 0
}

/** Runs until it is told to stop, its supervisor is gone, or it cannot go on: then whoever watches it starts another. */
async function work(options: Options): Promise<number> {
  const settings = readSettings()
  const orphaned = new AbortController()
  process.once('disconnect', () => orphaned.abort())
  const signal = AbortSignal.any([stopSignal(), orphaned.signal])
  // Graphile Worker lets some errors of a lost database escape. The process ends for them either way; one line says why.
  process.on('uncaughtException', (error) => process.exit(report(error)))
  const { workflows } = await loadConfig(options.workflows)
  await using database = await openDatabase(settings)
  await using running = await startWorker({
    workflows,
    databaseUrl: database.url,
    listenUrl: settings.STEPCAST_LISTEN_URL,
    retention: settings.STEPCAST_RETENTION,
    logger: jsonLogger(settings),
  })
  await Promise.race([running.done, whenStopped(signal)])
  return 0
}
