import { type ChildProcess, execFile, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { startPostgres } from '../cli/postgres/start.ts'
import type { Watched } from '../cli/postgres/watchdog.ts'
import { freePort, untilListens } from '../tests/support/port.ts'
import { PeerMissing } from './peer.ts'

/** What a benchmark runs on. Everything it starts here ends with it, with Ctrl-C, and with this process. */
export class Stage implements AsyncDisposable {
  static readonly #open = new Set<Stage>()
  readonly #folder: string
  readonly #ends = new AsyncDisposableStack()
  #started = 0

  private constructor(folder: string) {
    this.#folder = folder
    this.#ends.defer(() => rm(folder, { recursive: true, force: true }))
    Stage.#open.add(this)
  }

  static async open(): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'stepcast-bench-'))
    // Postgres does not run as root; if its account cannot enter this folder, its data would be put elsewhere.
    await chmod(folder, 0o755)
    return new Stage(folder)
  }

  /** Ends all open stages. */
  static async endAll(): Promise<void> {
    await Promise.all([...Stage.#open].map((stage) => stage[Symbol.asyncDispose]()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    Stage.#open.delete(this)
    await this.#ends.disposeAsync()
  }

  /**
   * Registers something to end with the stage, before what was registered earlier. The returned function ends it
   * sooner; it ends only once in any case.
   */
  defer(end: () => Promise<unknown>): () => Promise<void> {
    let ended: Promise<void> | undefined
    const once = () => {
      ended ??= end().then(() => {})
      return ended
    }
    this.#ends.defer(once)
    return once
  }

  async connect(url: string): Promise<pg.Client> {
    const client = new pg.Client(url)
    await client.connect()
    this.defer(() => client.end())
    return client
  }

  /**
   * Opens an unrelated transaction in a database, until the stage ends or the returned function is called: meanwhile,
   * dead row versions cannot be pruned.
   */
  async hold(url: string): Promise<() => Promise<void>> {
    const client = new pg.Client(url)
    await client.connect()
    await client.query('begin isolation level repeatable read')
    await client.query('select txid_current()')
    return this.defer(() => client.end())
  }

  /** An embedded Postgres with its default settings, `fsync` on; resolves with its address. */
  async postgres(settings: Record<string, string | number> = {}): Promise<string> {
    const folder = join(this.#folder, `postgres-${++this.#started}`)
    const postgres = await startPostgres({ folder, settings: { max_connections: 300, ...settings } })
    this.defer(() => postgres.stop())
    return postgres.url
  }

  /** A Redis that stores nothing on disk; resolves with its port. Throws PeerMissing. */
  async redis(): Promise<number> {
    await promisify(execFile)('redis-server', ['--version']).catch((cause) => {
      throw new PeerMissing('it needs redis-server: apt-get install redis-server', { cause })
    })
    const folder = join(this.#folder, `redis-${++this.#started}`)
    await mkdir(folder)
    const port = await freePort()
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
    await this.#watch({ command: 'redis-server', args, log: join(folder, 'log') })
    await untilListens(port)
    return port
  }

  // The watchdog of the embedded Postgres works for any server: it ends it however this process ends.
  async #watch(task: Watched): Promise<void> {
    const script = fileURLToPath(new URL('../cli/postgres/watchdog.ts', import.meta.url))
    const args = ['--no-warnings', script, JSON.stringify(task)]
    const watchdog = spawn(process.execPath, args, { cwd: '/', detached: true, stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(watchdog, 'exit')
    this.defer(async () => {
      watchdog.stdin.end()
      await ended
    })
    await once(watchdog.stdout, 'data')
  }

  /** Starts a TypeScript file in a process of its own; resolves with the first message that it sends. */
  async fork(file: URL, ...args: string[]): Promise<{ child: ChildProcess; message: string }> {
    // Its output must not mix with the measurements.
    const child = fork(file, args, { stdio: ['ignore', 2, 2, 'ipc'], execArgv: ['--no-deprecation'] })
    this.defer(() => kill(child))
    const ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`${fileURLToPath(file)} ended with ${signal ?? code} before it was ready`)
    })
    const [message] = await Promise.race([once(child, 'message'), ended])
    ended.catch(() => {})
    return { child, message }
  }
}

/** Ends a process, even one that is stopped; resolves once it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
