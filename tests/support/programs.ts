import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** psql, from Debian's postgresql-client if the machine has none. */
export function findPsql(): Promise<string> {
  return findOrInstall('psql', 'postgresql-client', () => firstThatRuns(['psql'], ['--version']))
}

/** nginx, from Debian's package if the machine has none. */
export function findNginx(): Promise<string> {
  return findOrInstall('nginx', 'nginx', () => firstThatRuns(['/usr/sbin/nginx', 'nginx'], ['-v']))
}

/** PgBouncer, from Debian's package if the machine has none. */
export function findPgBouncer(): Promise<string> {
  return findOrInstall('pgbouncer', 'pgbouncer', () =>
    firstThatRuns(['/usr/sbin/pgbouncer', 'pgbouncer'], ['--version']),
  )
}

export function findOpenssl(): Promise<string> {
  return findOrInstall('openssl', 'openssl', () => firstThatRuns(['openssl'], ['version']))
}

export function findCurl(): Promise<string> {
  return findOrInstall('curl', 'curl', () => firstThatRuns(['curl'], ['--version']))
}

/** A Python that has psycopg, 3 or 2: the first on PATH may not be Debian's, for which Debian's packages are installed. */
export function findPython(): Promise<string> {
  const script = 'try:\n import psycopg\nexcept ImportError:\n import psycopg2'
  const find = () => firstThatRuns(['python3', '/usr/bin/python3'], ['-c', script])
  return findOrInstall('a python3 with psycopg or psycopg2', 'python3-psycopg2', find)
}

async function firstThatRuns(programs: string[], args: string[]): Promise<string | null> {
  for (const program of programs) {
    const runs = await run(program, args).then(
      () => true,
      () => false,
    )
    if (runs) return program
  }
  return null
}

async function findOrInstall(what: string, name: string, find: () => Promise<string | null>): Promise<string> {
  const found = (await find()) ?? ((await install(name)) ? await find() : null)
  if (!found) throw new Error(`These tests need ${what}. Install it: apt-get update && apt-get install ${name}`)
  return found
}

/** False if this user may not install, or there is no apt-get. Two test files may install at once: one waits for the other. */
async function install(name: string): Promise<boolean> {
  if (process.getuid?.() !== 0) return false
  const commands = `apt-get update && apt-get install --yes --no-install-recommends ${name}`
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return run('flock', [join(tmpdir(), 'stepcast-apt.lock'), 'sh', '-c', commands], { env }).then(
    () => true,
    () => false,
  )
}
