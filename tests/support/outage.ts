import { join } from 'node:path'
import pg from 'pg'
import { readPostmaster } from '../../cli/postgres/leftover.ts'
import type { Postgres } from '../../cli/postgres/start.ts'
import { temporaryFolder } from './folder.ts'
import { freePort } from './port.ts'
import { startOwnPostgres } from './postgres.ts'
import { untilGone } from './process.ts'

type Settings = Record<string, string | number>

/** The test's own Postgres, which goes down and comes back, at the same address and with its data. */
export class FragilePostgres {
  readonly url: string
  readonly #start: () => Promise<Postgres>
  readonly #resources: AsyncDisposableStack
  #running: Postgres

  private constructor(running: Postgres, start: () => Promise<Postgres>, resources: AsyncDisposableStack) {
    this.url = running.url
    this.#running = running
    this.#start = start
    this.#resources = resources
  }

  static async start(settings: Settings = {}): Promise<FragilePostgres> {
    const resources = new AsyncDisposableStack()
    const temporary = resources.use(await temporaryFolder())
    const port = await freePort()
    const options = { folder: join(temporary.path, 'postgres'), settings: { port, ...settings } }
    const start = () => startOwnPostgres(options)
    return new FragilePostgres(await start(), start, resources)
  }

  /** As an administrator does it: connections are ended, everything is written to disk. */
  async stop(): Promise<void> {
    await this.#running.stop()
  }

  /** As a loss of power does it: every process at once, and `others` with them; what they had not written yet is lost. */
  async kill(others: number[] = []): Promise<void> {
    const postmaster = await readPostmaster(this.#running.folder)
    const pids = [Number(postmaster?.pid), ...others, ...(await askPids(this.url))]
    for (const pid of pids) killIfAlive(pid)
    await this.#running.stop()
    await Promise.all(pids.map(untilGone))
  }

  async comeBack(): Promise<void> {
    this.#running = await this.#start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.stop()
    await this.#resources.disposeAsync()
  }
}

async function askPids(url: string): Promise<number[]> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query<{ pid: number }>('select pid from pg_stat_activity where pid <> pg_backend_pid()')
  await client.end()
  return rows.map(({ pid }) => pid)
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
