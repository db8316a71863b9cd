import { startWorker, type Worker, type WorkerOptions } from '../../worker/start.ts'
import { requireAge } from '../age.ts'
import { loadConfig } from '../config.ts'
import { openDatabase } from '../database.ts'
import { misuse } from '../failure.ts'
import { jsonLogger } from '../log.ts'
import { showMetrics } from '../metrics.ts'
import { openPool } from '../pool.ts'
import { reportUncaught } from '../report.ts'
import { readSettings } from '../settings.ts'
import { stopSignal, whenStopped } from '../stop.ts'
import { superviseWorker } from '../supervise.ts'

const LAST_PORT = 65_535

interface Options {
  workflows: string
  processes?: string
  metricsPort?: string
}

export default async function worker({ workflows, processes, metricsPort }: Options): Promise<number> {
  const port = metricsPort === undefined ? null : Number(metricsPort)
  if (port !== null && !(Number.isInteger(port) && port >= 0 && port <= LAST_PORT))
    throw misuse(`--metrics-port is a whole number up to ${LAST_PORT}, not ${metricsPort}.`)
  return processes === undefined ? work(workflows, port) : supervise(workflows, Number(processes), port)
}

/** Keeps `count` processes running: each is restarted when it ends. */
async function supervise(workflows: string, count: number, metricsPort: number | null): Promise<number> {
  if (!(Number.isInteger(count) && count > 0)) throw misuse('--processes is a whole number above 0.')
  // With port 0, each process takes a free one.
  if (metricsPort && metricsPort + count - 1 > LAST_PORT)
    throw misuse(`${count} processes from --metrics-port ${metricsPort} on would need ports above ${LAST_PORT}.`)
  const settings = readSettings()
  const signal = stopSignal()
  await loadConfig(workflows)
  await using database = await openDatabase(settings)
  const print = (line: string) => process.stderr.write(`${line}\n`)
  const supervisors = Array.from({ length: count }, (_, i) => {
    const port = metricsPort && metricsPort + i
    const options = port === null ? [] : ['--metrics-port', String(port)]
    return superviseWorker(workflows, database.url, print, options)
  })
  await whenStopped(signal)
  // All at once: one after the other, each would begin the runs that the one before it has handed over.
  await Promise.all(supervisors.map((supervisor) => supervisor.stop()))
  return 0
}

/**
 * Runs until it is told to stop, its supervisor is gone, or it cannot continue: then whatever supervises it starts
 * another.
 */
async function work(file: string, metricsPort: number | null): Promise<number> {
  const settings = readSettings()
  const orphaned = new AbortController()
  process.once('disconnect', () => orphaned.abort())
  const signal = AbortSignal.any([stopSignal(), orphaned.signal])
  // From a handler's timer, or a promise that nothing awaits; Graphile Worker also lets some errors of a lost database
  // escape.
  process.on('uncaughtException', (error) => process.exit(reportUncaught(error)))
  const logger = jsonLogger(settings)
  const { workflows } = await loadConfig(file)
  await using database = await openDatabase(settings)
  await using metrics = metricsPort === null ? null : await showMetrics(settings.HOST, metricsPort)
  if (metrics) logger.info({ url: metrics.url }, 'metrics')
  const starting = start({
    workflows,
    databaseUrl: database.url,
    listenUrl: settings.STEPCAST_LISTEN_URL,
    retention: settings.STEPCAST_RETENTION,
    logger,
    metrics: metrics?.registry,
  })
  const started = await Promise.race([starting, whenStopped(signal)])
  // Whatever of it has started ends with the process.
  if (!started) return 0
  await using running = started
  await Promise.race([running.done, whenStopped(signal)])
  return 0
}

/** Checked at the start: a retention that Postgres does not accept would otherwise fail every night. */
async function start(options: WorkerOptions): Promise<Worker> {
  const { databaseUrl, retention } = options
  if (retention !== undefined) {
    await using db = openPool(databaseUrl)
    await requireAge(db.pool, 'STEPCAST_RETENTION', retention)
  }
  return startWorker(options)
}
