/** What `npm test` runs: one Postgres for all, a migrated template in it, then every test file, two at a time. */
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import { startPostgres } from '../../cli/postgres/start.ts'
import { migrate } from '../../db/migrate.ts'
import { execute, TEMPLATE, withDatabase } from './database.ts'
import { findTests } from './files.ts'
import { temporaryFolder } from './folder.ts'

const MINUTE = 60_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { long: { type: 'boolean', default: false }, name: { type: 'string', short: 't' } },
})
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort())

const complaint = await runAll(findTests(positionals)).catch((error: Error) => error.message)
if (complaint) process.stderr.write(`${complaint}\n`)
process.exit(interrupted.signal.aborted ? 130 : complaint ? 1 : 0)

/** Resolves to what is wrong; null: every test passed. */
async function runAll(files: string[]): Promise<string | null> {
  if (files.length === 0) return `No test file matches ${positionals.join(' ')}. Give files, folders or parts of paths.`
  await using folder = await temporaryFolder()
  await using postgres = await startPostgres({
    folder: join(folder.path, 'postgres'),
    durable: false,
    settings: { max_connections: 300, shared_buffers: '256MB', max_wal_size: '4GB' },
  })
  await prepareTemplate(postgres.url)
  process.env.STEPCAST_TEST_DATABASE_URL = postgres.url
  // What an interrupted test leaves behind goes with the folder.
  process.env.TMPDIR = folder.path
  if (values.long) process.env.STEPCAST_TEST_LONG = '1'
  const { ran, failed } = await runFiles(files)
  if (failed > 0) return `Failed: ${failed} of ${ran}.`
  return ran === 0 ? 'No test ran.' : null
}

async function prepareTemplate(url: string): Promise<void> {
  await execute(url, `create database ${TEMPLATE}`)
  await migrate(withDatabase(url, TEMPLATE))
}

async function runFiles(files: string[]): Promise<{ ran: number; failed: number }> {
  const timeout = (values.long ? 60 : 5) * MINUTE
  const named = values.name ? { testNamePatterns: [values.name] } : {}
  const stream = run({ files, concurrency: 2, timeout, signal: interrupted.signal, ...named })
  let ran = 0
  let failed = 0
  stream.on('test:fail', () => failed++)
  stream.on('test:summary', ({ file, counts }) => {
    if (!file) ran = counts.tests - counts.skipped
  })
  for await (const text of stream.compose(new spec())) process.stdout.write(text)
  return { ran, failed }
}
