/**
 * What `npm test` runs: one Postgres for all, a migrated template in it, then the quick test files, four at a time. In full
 * size, or if tests are named, the files that depend on PostgreSQL also run on the oldest version, at the same time;
 * otherwise `npm run check` runs those, with `--oldest`, and the rest of all files, with `--rest`.
 */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from 'node:test'
import { parseArgs, promisify } from 'node:util'
import { migrate } from '../../db/migrate.ts'
import { execute, TEMPLATE, withDatabase } from './database.ts'
import { dependsOnPostgres, findTests, type Part } from './files.ts'
import { quickestParent, temporaryFolder } from './folder.ts'
import { makeCluster, NEWEST, OLDEST, startVersion, VERSIONS } from './postgres.ts'
import { report, type Tests } from './report.ts'

const MINUTE = 60_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    long: { type: 'boolean', default: false },
    name: { type: 'string', short: 't' },
    oldest: { type: 'boolean', default: false },
    postgres: { type: 'string' },
    rest: { type: 'boolean', default: false },
  },
})
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort())

const part: Part = values.long || values.oldest ? 'all' : values.rest ? 'rest' : 'quick'
const complaint = await runAll(findTests(positionals, part)).catch((error: Error) => error.message)
if (complaint) process.stderr.write(`${complaint}\n`)
process.exit(interrupted.signal.aborted ? 130 : complaint ? 1 : 0)

/** Resolves to what is wrong; null: every test passed. */
async function runAll(files: string[]): Promise<string | null> {
  if (files.length === 0) return `No test file matches ${positionals.join(' ')}. Give files, folders or parts of paths.`
  const { postgres } = values
  if (postgres !== undefined && !VERSIONS.includes(postgres))
    return `There is no PostgreSQL ${postgres} to test on. Give --postgres ${VERSIONS.join(' or ')}.`
  const { ran, failed } = await report(runShares(files))
  if (failed > 0) return `Failed: ${failed} of ${ran}.`
  return ran === 0 ? 'No test ran.' : null
}

interface Share {
  version: string
  files: string[]
  /** Files at a time. */
  concurrency: number
}

/** What runs on which version: three more files at a time than the smallest machine has cores, since most of them wait. */
function shares(files: string[]): Share[] {
  if (values.postgres) return [{ version: values.postgres, files, concurrency: 4 }]
  const isQuick = !values.long && positionals.length === 0
  const depending = files.filter((file) => dependsOnPostgres(file, isQuick))
  if (values.oldest) return [{ version: OLDEST, files: depending, concurrency: 4 }]
  const newest = { version: NEWEST, files, concurrency: 4 }
  // Whoever names what to test wants it on both.
  if (isQuick || depending.length === 0) return [newest]
  return [newest, { version: OLDEST, files: depending, concurrency: 1 }]
}

async function* runShares(files: string[]): AsyncGenerator<Tests> {
  await using resources = new AsyncDisposableStack()
  const folder = resources.use(await temporaryFolder(values.long ? undefined : await quickestParent()))
  const prepared = shares(files).map(async (share) => ({
    share,
    env: await prepare(share.version, folder.path, resources),
  }))
  yield* (await Promise.all(prepared)).map(({ share, env }) => runFiles(share, env))
}

/** Starts a Postgres with the template in it; resolves to the environment of the tests that run on it. */
async function prepare(version: string, folder: string, resources: AsyncDisposableStack): Promise<NodeJS.ProcessEnv> {
  const cluster = await makeCluster(version, join(folder, `cluster-${version}`))
  const own = join(folder, `postgres-${version}`)
  await promisify(execFile)('cp', ['-a', cluster, own])
  const { url } = resources.use(
    await startVersion(version, {
      folder: own,
      durable: false,
      settings: {
        max_connections: 300,
        shared_buffers: '256MB',
        max_wal_size: values.long ? '4GB' : '512MB',
        hba_file: await allowPasswords(folder),
      },
    }),
  )
  await prepareTemplate(url)
  return {
    ...process.env,
    STEPCAST_TEST_DATABASE_URL: url,
    STEPCAST_TEST_POSTGRES: version,
    STEPCAST_TEST_CLUSTER: cluster,
    STEPCAST_TEST_BUNDLE: join(folder, 'bundle.json'),
    // What an interrupted test leaves behind is removed with the folder.
    TMPDIR: folder,
    // Hundreds of processes load the same files: the first one strips their types and compiles them.
    NODE_COMPILE_CACHE: join(import.meta.dirname, '../../node_modules/.cache/stepcast-compiled'),
    ...(values.long ? { STEPCAST_TEST_LONG: '1' } : {}),
  }
}

/** Thousands of sessions are opened; a password sent in plain text takes 2 ms less for each than SCRAM does. */
async function allowPasswords(folder: string): Promise<string> {
  const file = join(folder, 'pg_hba.conf')
  await writeFile(file, 'host all all 127.0.0.1/32 password\n')
  return file
}

async function prepareTemplate(url: string): Promise<void> {
  await execute(url, `create database ${TEMPLATE}`)
  await migrate(withDatabase(url, TEMPLATE))
}

function runFiles({ version, files, concurrency }: Share, env: NodeJS.ProcessEnv): Tests {
  const timeout = (values.long ? 60 : 5) * MINUTE
  const named = values.name ? { testNamePatterns: [values.name] } : {}
  const silence = new AbortController()
  const signal = AbortSignal.any([interrupted.signal, silence.signal])
  const events = run({ files, concurrency, timeout, signal, env, ...named })
  // A test that has failed may leave open what keeps its file from ending.
  const timer = setTimeout(() => silence.abort(new Error('For long, no test has ended')), 2 * timeout).unref()
  events.on('test:complete', () => timer.refresh())
  const title = `PostgreSQL ${version}`
  return { events, title, suffix: version === NEWEST ? '' : ` (${title})` }
}
