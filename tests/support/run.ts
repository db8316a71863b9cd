/**
 * What `npm test` runs: one Postgres for all, a migrated template in it, then every test file, two at a time. Then the
 * same on the oldest PostgreSQL, for the files that depend on it.
 */
import { join } from 'node:path'
import { run } from 'node:test'
import { parseArgs } from 'node:util'
import { migrate } from '../../db/migrate.ts'
import { execute, TEMPLATE, withDatabase } from './database.ts'
import { dependsOnPostgres, findTests } from './files.ts'
import { temporaryFolder } from './folder.ts'
import { NEWEST, OLDEST, startVersion, VERSIONS } from './postgres.ts'
import { report, type Tests } from './report.ts'

const MINUTE = 60_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    long: { type: 'boolean', default: false },
    name: { type: 'string', short: 't' },
    postgres: { type: 'string' },
  },
})
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort())

const complaint = await runAll(findTests(positionals)).catch((error: Error) => error.message)
if (complaint) process.stderr.write(`${complaint}\n`)
process.exit(interrupted.signal.aborted ? 130 : complaint ? 1 : 0)

/** Resolves to what is wrong; null: every test passed. */
async function runAll(files: string[]): Promise<string | null> {
  if (files.length === 0) return `No test file matches ${positionals.join(' ')}. Give files, folders or parts of paths.`
  const { postgres } = values
  if (postgres !== undefined && !VERSIONS.includes(postgres))
    return `There is no PostgreSQL ${postgres} to test on. Give --postgres ${VERSIONS.join(' or ')}.`
  const { ran, failed } = await report(runVersions(files))
  if (failed > 0) return `Failed: ${failed} of ${ran}.`
  return ran === 0 ? 'No test ran.' : null
}

async function* runVersions(files: string[]): AsyncGenerator<Tests> {
  if (values.postgres) return yield* runOn(values.postgres, files)
  yield* runOn(NEWEST, files)
  yield* runOn(OLDEST, files.filter(dependsOnPostgres))
}

async function* runOn(version: string, files: string[]): AsyncGenerator<Tests> {
  if (files.length === 0 || interrupted.signal.aborted) return
  await using folder = await temporaryFolder()
  await using postgres = await startVersion(version, {
    folder: join(folder.path, 'postgres'),
    durable: false,
    settings: { max_connections: 300, shared_buffers: '256MB', max_wal_size: '4GB' },
  })
  await prepareTemplate(postgres.url)
  const env = {
    ...process.env,
    STEPCAST_TEST_DATABASE_URL: postgres.url,
    STEPCAST_TEST_POSTGRES: version,
    // What an interrupted test leaves behind goes with the folder.
    TMPDIR: folder.path,
    ...(values.long ? { STEPCAST_TEST_LONG: '1' } : {}),
  }
  const title = `PostgreSQL ${version}`
  yield { events: runFiles(files, env), title, suffix: version === NEWEST ? '' : ` (${title})` }
}

async function prepareTemplate(url: string): Promise<void> {
  await execute(url, `create database ${TEMPLATE}`)
  await migrate(withDatabase(url, TEMPLATE))
}

function runFiles(files: string[], env: NodeJS.ProcessEnv): Tests['events'] {
  const timeout = (values.long ? 60 : 5) * MINUTE
  const named = values.name ? { testNamePatterns: [values.name] } : {}
  return run({ files, concurrency: 2, timeout, signal: interrupted.signal, env, ...named })
}
